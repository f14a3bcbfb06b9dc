import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DrillHistory } from '../../src/cli/drill-history.js'
import { runDrillsCommand, type DrillsRequest } from '../../src/cli/drills-run.js'
import type { DrillReport } from '../../src/drill/report.js'
import { drillCase } from '../drill/drill-cases.js'
import { FakeTerminal } from '../fakes/terminal.js'

const TAKEOVER = drillCase('a takeover, and the drills before').report
const ABORTED = drillCase('an aborted one, undone by the host').report
const STAGING = drillCase('the virtual IP stays').report

let parent: string
let history: DrillHistory

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gw-drills-'))
  history = new DrillHistory(join(parent, 'drills'))
})

afterEach(() => {
  rmSync(parent, { recursive: true })
})

/** A drill like another one, earlier by days. */
function before(drill: DrillReport, days: number, run: string, outageMs: number): DrillReport {
  const startedAt = new Date(Date.parse(drill.startedAt) - days * 86_400_000).toISOString()
  return { ...drill, run, startedAt, scenarios: drill.scenarios.map((each) => ({ ...each, outageMs })) }
}

async function keep(...drills: readonly DrillReport[]): Promise<void> {
  for (const drill of drills) await history.save(drill, [])
}

function drills(options: Partial<DrillsRequest> = {}) {
  const unset = { environment: undefined, run: undefined, scenario: undefined, html: undefined, last: 20 }
  return runDrillsCommand({ history, ...unset, ...options }, { terminal: new FakeTerminal() })
}

async function runsOf(options: Partial<DrillsRequest> = {}): Promise<string[]> {
  const { data } = await drills(options)
  return (data?.['drills'] as { run: string }[]).map(({ run }) => run)
}

function cellsOf(text: string): string[][] {
  return text.split('\n').map((line) => line.split(/ {2,}/))
}

describe('the list of drills', () => {
  it('has the newest first, each with its scenarios and their outages', async () => {
    await keep(TAKEOVER, ABORTED, STAGING)
    const { text, exitCode, environment } = await drills()
    expect([exitCode, environment]).toEqual([0, null])
    expect(cellsOf(text)).toEqual([
      ['RUN', 'WHEN (UTC)', 'ENVIRONMENT', 'VERDICT', 'SCENARIO', 'OUTAGE'],
      ['deadbee5', '2026-11-22 05:00:00', 'production', 'aborted', 'keepalived-stopped', '30 ms'],
      ['', 'host-cut', '1843 ms', 'aborted'],
      ['90c0ffee', '2026-11-22 04:00:00', 'staging', 'pass', 'backend-lost', '12 ms'],
      ['5be01c77', '2026-11-22 02:00:04', 'production', 'pass', 'nginx-stopped', '31 ms'],
      ['', 'nginx-killed', '38 ms'],
    ])
  })

  it('is of one environment by its name or its inventory, of so many drills, or of those with a scenario', async () => {
    await keep(TAKEOVER, ABORTED, STAGING)
    expect(await runsOf({ environment: 'production' })).toEqual(['deadbee5', '5be01c77'])
    expect(await runsOf({ environment: 'inventory/staging.yml' })).toEqual(['90c0ffee'])
    expect(await runsOf({ last: 1 })).toEqual(['deadbee5'])
    expect(await runsOf({ scenario: 'nginx-killed' })).toEqual(['5be01c77'])
  })

  it('has of each what it is compared by', async () => {
    await keep(TAKEOVER)
    const { data } = await drills({ environment: 'production' })
    expect(data).toEqual({
      drills: [
        {
          run: '5be01c77',
          startedAt: '2026-11-22T02:00:04.310Z',
          environment: 'production',
          command: TAKEOVER.command,
          by: 'alice@laptop',
          verdict: 'pass',
          skipped: [],
          durationMs: 31840,
          scenarios: [
            { name: 'nginx-stopped', verdict: 'pass', undoneBy: 'gw', outageMs: 31 },
            { name: 'nginx-killed', verdict: 'pass', undoneBy: 'gw', outageMs: 38 },
          ],
          report: history.pageOf(TAKEOVER),
        },
      ],
      html: null,
    })
  })

  it('is empty where none was run', async () => {
    expect((await drills()).text).toBe('No drill was run from this machine: gw failover-drill ENV runs one.')
    const { text } = await drills({ environment: 'staging', scenario: 'reboot' })
    expect(text).toBe(
      'No drill of staging with reboot was run from this machine: gw failover-drill staging runs one.',
    )
  })

  it('says what is wrong with its folder', async () => {
    writeFileSync(join(parent, 'drills'), '')
    await expect(drills()).rejects.toThrow(`the drills in ${history.folder} cannot be read (ENOTDIR)`)
  })
})

describe('a scenario from drill to drill', () => {
  it('has a row a drill with its outage drawn beside those of the others', async () => {
    await keep(TAKEOVER, before(TAKEOVER, 7, '0000000a', 75.2), before(TAKEOVER, 14, '0000000b', 150.4))
    const { text } = await drills({ scenario: 'nginx-killed', environment: 'production' })
    const rows = cellsOf(text)
    expect(rows.slice(1, 4).map(([run, , , , outage, , , bar]) => [run, outage, bar])).toEqual([
      ['5be01c77', '38 ms', '='.repeat(8)],
      ['0000000a', '75 ms', '='.repeat(15)],
      ['0000000b', '150 ms', '='.repeat(30)],
    ])
    expect(rows.slice(4)).toEqual([['(the longest bar is 150 ms)']])
  })
})

describe('one drill', () => {
  it('is found by how its name begins, and shown again with those before it', async () => {
    await keep(TAKEOVER, before(TAKEOVER, 7, '0000000a', 51.6))
    const { text, data, environment } = await drills({ run: '5be' })
    expect(environment).toBe('production')
    expect(text.split('\n')[0]).toBe('drill    5be01c77 of production, 198.18.0.100')
    expect(text).toContain('52 ms (-14)')
    expect(text).toContain('new TLS        |')
    expect(data).toEqual({ drills: [TAKEOVER], html: null })
  })

  it.each([
    ['ff', 'no run that begins with "ff" is a drill that is kept here'],
    ['0000', '"0000" is the beginning of several runs: 0000000a, 0000000b'],
  ])('called %s is refused, with what to type', async (run, message) => {
    await keep(before(TAKEOVER, 1, '0000000a', 1), before(TAKEOVER, 2, '0000000b', 1))
    await expect(drills({ run, environment: 'production' })).rejects.toMatchObject({
      message,
      exitCode: 2,
      nextSteps: ['gw drills production lists those that are kept.'],
    })
  })

  it('that is damaged is refused, with where its page is', async () => {
    await keep(TAKEOVER)
    const [file = ''] = readdirSync(history.folder).filter((name) => name.endsWith('.jsonl'))
    const path = join(history.folder, file)
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -40))
    expect(await runsOf()).toEqual(['5be01c77'])
    await expect(drills({ run: '5be01c77' })).rejects.toMatchObject({
      message: 'the file of the drill 5be01c77 is damaged: its requests over time are missing',
      nextSteps: [`ls -l ${history.folder}`, `Its page is still there: ${history.pageOf(TAKEOVER)}`],
    })
  })
})

describe('the page of a drill', () => {
  it('is written of the newest, or of the one that is named', async () => {
    await keep(TAKEOVER, ABORTED)
    const html = join(parent, 'drill.html')
    const newest = await drills({ html })
    expect(newest.text).toBe(`The drill deadbee5 is drawn in ${html}`)
    expect(newest.data).toEqual({ drills: [ABORTED], html })
    expect(readFileSync(html, 'utf8')).toContain('<title>Failover drill of production, 2026-11-22 05:00:00')
    await drills({ html, run: '5be01c77' })
    expect(readFileSync(html, 'utf8')).toContain('<title>Failover drill of production, 2026-11-22 02:00:04')
  })

  it('is refused without a drill, and where it cannot be written', async () => {
    const html = join(parent, 'drill.html')
    await expect(drills({ html, environment: 'staging' })).rejects.toThrow(
      'no drill of staging was run from this machine, so there is no page of one',
    )
    await keep(TAKEOVER)
    await expect(drills({ html: join(parent, 'none/drill.html') })).rejects.toThrow(
      'cannot be written (ENOENT)',
    )
  })
})
