import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DrillView } from '../../src/cli/drill-view.js'
import { journalFolder } from '../../src/cli/journal.js'
import { GwError } from '../../src/errors.js'
import { drillCase } from '../drill/drill-cases.js'
import { drillOptions } from '../drill/drill-options.js'
import { commandContext } from './command-context.js'

const { report: REPORT } = drillCase('the virtual IP stays')

const OPTIONS = drillOptions({
  driver: { connect: () => Promise.reject(new Error('no host is reached')) },
  resolveSecret: () => Promise.reject(new Error('no secret is asked for')),
})

const AT = Date.parse('2026-11-22T06:00:01.250Z')

let folder: string
let lines: string[]
let view: DrillView

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-drill-view-'))
  vi.stubEnv('XDG_STATE_HOME', folder)
  lines = []
  view = new DrillView(commandContext(lines))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** The lines of the journal, without their times. */
function journal(): Record<string, unknown>[] {
  const runs = journalFolder(process.env)
  const [name = ''] = readdirSync(runs)
  return readFileSync(join(runs, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
      expect(time).toBeTypeOf('string')
      return rest
    })
}

describe('what is seen of a drill while it goes on', () => {
  it('is a line a step, below the name of its scenario', () => {
    view.scenario('nginx-stopped')
    view.event({
      at: AT,
      host: 'gw-1',
      kind: 'step',
      text: 'armed: undoes it alone at 06:00:31 UTC, in 30 s',
    })
    view.event({ at: AT, host: null, kind: 'step', text: 'undone by gw' })
    expect(lines).toEqual([
      '\nnginx-stopped',
      '06:00:01.250  gw-1         armed: undoes it alone at 06:00:31 UTC, in 30 s',
      '06:00:01.250  gw           undone by gw',
    ])
  })

  it('is nothing that a terminal would act on', () => {
    view.event({ at: AT, host: null, kind: 'step', text: 'aborted: \u001b[2Jgone\r\nfor good' })
    const [line = ''] = lines
    expect(line).not.toMatch(/[\u0000-\u001f\u007f]/)
    expect(line).toContain('gone')
  })

  it('tells whose lock is waited for', () => {
    const holder = {
      ...{ kind: 'run' as const, run: '3fa9c210', by: 'bob@desk', command: 'gw deploy lab', reason: '' },
      ...{ since: '2026-11-22T05:59:00Z', release: null, before: null, hosts: ['gw-1'] },
    }
    view.emit({ type: 'lock.waiting', host: 'gw-1', holder, leftSeconds: 12 })
    expect(lines).toEqual([
      'gw-1         waiting for the lock: held by run 3fa9c210 (gw deploy lab by bob@desk) since 2026-11-22T05:59:00Z; its lease runs 12 s more',
    ])
  })
})

describe('the journal of a drill', () => {
  it('has what was done on which host, and how the drill ended', () => {
    view.begin(OPTIONS, 'lab')
    view.scenario('nginx-stopped')
    view.event({ at: AT, host: 'gw-1', kind: 'step', text: 'armed' })
    view.event({ at: AT, host: null, kind: 'step', text: 'undone by gw' })
    const error = new GwError('DRILL_DEVIATED', '1 of 1 scenarios did not pass')
    expect(view.end(REPORT, error.exitCode, error)).toBeNull()
    expect(journal()).toMatchObject([
      { type: 'run.started', run: OPTIONS.run, playbook: 'failover-drill', hosts: ['gw-1', 'gw-2'] },
      { type: 'step.ended', host: 'gw-1', step: 'nginx-stopped', summary: 'armed' },
      { exitCode: 5, changed: REPORT.scenarios.length, error: 'DRILL_DEVIATED' },
    ])
  })

  it('is not begun before the drill is', () => {
    view.scenario('nginx-stopped')
    view.event({ at: AT, host: 'gw-1', kind: 'step', text: 'armed' })
    expect(view.end(REPORT, 0, null)).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })
})
