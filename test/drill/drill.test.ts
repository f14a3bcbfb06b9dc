import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Drill } from '../../src/drill/drill.js'
import type { ScenarioReport } from '../../src/drill/report.js'
import type { ScenarioRun } from '../../src/drill/scenario-run.js'
import { nginxStopped } from '../../src/drill/scenarios/nginx-stopped.js'
import { drillCase } from './drill-cases.js'
import { drillOptions } from './drill-options.js'
import { MovedState } from './moved-state.js'

const [PASSED] = drillCase('the virtual IP stays').report.scenarios

let state: MovedState

beforeEach(() => {
  state = new MovedState()
})

afterEach(() => {
  state.dispose()
})

/** A scenario that has come to its end, as far as a drill looks at it. */
class EndedRun {
  closed = 0
  readonly isOpen = false

  constructor(
    private readonly told: ScenarioReport | Error,
    readonly hasFailed = false,
  ) {}

  get isSteady(): boolean {
    return !(this.told instanceof Error) && this.told.holderAfter !== null
  }

  report(): Promise<ScenarioReport> {
    return this.told instanceof Error ? Promise.reject(this.told) : Promise.resolve(this.told)
  }

  close(): Promise<void> {
    this.closed += 1
    return Promise.resolve()
  }
}

function end(drill: Drill, run: EndedRun): Promise<void> {
  return drill.end(run as unknown as ScenarioRun)
}

function reportOf(changes: Partial<ScenarioReport>): ScenarioReport {
  if (PASSED === undefined) throw new Error('the case has no scenario')
  return { ...PASSED, ...changes }
}

describe('a drill', () => {
  it('has the locks of all gateways until it is closed, and writes both down there', async () => {
    const drill = new Drill(drillOptions(state.reach))
    const other = new Drill(drillOptions(state.reach, { run: '99999999' }))
    try {
      await drill.lock()
      await expect(other.lock()).rejects.toMatchObject({
        code: 'LOCK_HELD',
        message: expect.stringContaining('game day') as string,
      })
    } finally {
      await drill.close()
    }
    try {
      await other.lock()
    } finally {
      await other.close()
    }
    for (const host of ['gw-1', 'gw-2']) {
      const lines = (state.read(host, 'audit.jsonl') ?? '').trim().split('\n')
      const events = lines.map((line) => JSON.parse(line) as { event: string; run: string })
      expect(events.map(({ event, run }) => `${event} ${run}`)).toEqual([
        ...['run.started 0a1b2c3d', 'run.ended 0a1b2c3d'],
        ...['run.started 99999999', 'run.ended 99999999'],
      ])
    }
  })

  it('leaves no lock where one of them cannot be had', async () => {
    const drill = new Drill(drillOptions(state.reach))
    state.lose('gw-2', 1)
    await expect(drill.lock()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED', host: 'gw-2' })
    await drill.close()

    const other = new Drill(drillOptions(state.reach, { run: '99999999' }))
    await other.lock()
    await other.close()
  })

  it('begins no scenario where a gateway cannot be asked', async () => {
    const begun: string[] = []
    const listener = { scenario: (name: string) => begun.push(name), event: () => undefined }
    const drill = new Drill(drillOptions(state.reach, { listener }))
    for (const host of ['gw-1', 'gw-2']) state.lose(host, 100)
    await expect(drill.begin(nginxStopped)).rejects.toMatchObject({ code: 'CONNECTION_REFUSED' })
    expect([begun, drill.reports]).toEqual([['nginx-stopped'], []])
    await drill.close()
  })

  it.each([
    ['pass', 'gw-2', true],
    ['deviated', 'gw-1', true],
    ['inconclusive', 'gw-1', true],
    ['aborted', 'gw-1', false],
    ['deviated', null, false],
  ] as const)(
    'goes on after a scenario that is %s and leaves it with %s: %s',
    async (verdict, holder, goesOn) => {
      const drill = new Drill(drillOptions(state.reach))
      expect(drill.mayGoOn).toBe(true)
      const report = reportOf({ verdict, holderAfter: holder })
      await end(drill, new EndedRun(report))
      expect([drill.mayGoOn, drill.reports]).toEqual([goesOn, [report]])
      await drill.close()
    },
  )

  it('ends the measuring also where nothing can be told of it', async () => {
    const drill = new Drill(drillOptions(state.reach))
    const [told, lost] = [new EndedRun(reportOf({})), new EndedRun(new Error('no sense'))]
    await end(drill, told)
    await expect(end(drill, lost)).rejects.toThrow('no sense')
    expect([told.closed, lost.closed, drill.reports.length]).toEqual([1, 1, 1])
    await drill.close()
  })

  it('tells nothing of that where something went wrong before', async () => {
    const drill = new Drill(drillOptions(state.reach))
    const lost = new EndedRun(new Error('no sense'), true)
    await end(drill, lost)
    expect([lost.closed, drill.reports.length, drill.mayGoOn]).toEqual([1, 0, false])
    await drill.close()
  })
})
