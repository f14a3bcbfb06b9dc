import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runHistoryCommand } from '../../src/cli/history-run.js'
import { recordText } from '../../src/cli/history-text.js'
import { openJournal, type RunEnd } from '../../src/cli/journal.js'
import { parseJournal } from '../../src/cli/run-record.js'
import { GwError } from '../../src/errors.js'
import { cleanText } from '../../src/shell/clean.js'
import { anyCharacter } from '../any-character.js'
import { FakeTerminal } from '../fakes/terminal.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-history-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

const DONE = { exitCode: 0, ms: 2345, changed: 3, release: 'v1.2', error: null } as const

/** A journal with a time of its own: that of a real one is the clock's. */
function journal(run: string, minute: number, end: RunEnd | null, environment = 'production'): void {
  const time = `2026-11-21T02:${String(minute).padStart(2, '0')}:00.000Z`
  const start = {
    run,
    environment,
    command: `gw deploy ${environment}`,
    by: 'a@b',
    gw: '0.1.0',
    hosts: ['gw-1'],
  }
  const lines = [
    { time, type: 'run.started', ...start },
    ...(end === null ? [] : [{ time, type: 'run.ended', ...end }]),
  ]
  const name = `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${run}.jsonl`
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

function history({
  run,
  environment,
  last = 20,
}: { run?: string; environment?: string; last?: number } = {}) {
  return runHistoryCommand({ folder, run, environment, last }, { terminal: new FakeTerminal() })
}

async function runsOf(options: Parameters<typeof history>[0] = {}): Promise<string[]> {
  const { data } = await history(options)
  return (data?.['runs'] as { run: string }[]).map(({ run }) => run)
}

describe('the list of runs', () => {
  it('has the newest first, as many as are asked for, of one environment or all', async () => {
    journal('aaaaaaaa', 1, DONE)
    journal('bbbbbbbb', 2, DONE, 'staging')
    journal('cccccccc', 3, DONE)
    expect(await runsOf()).toEqual(['cccccccc', 'bbbbbbbb', 'aaaaaaaa'])
    expect(await runsOf({ last: 2 })).toEqual(['cccccccc', 'bbbbbbbb'])
    expect(await runsOf({ environment: 'production', last: 2 })).toEqual(['cccccccc', 'aaaaaaaa'])
  })

  it('says how each ended', async () => {
    journal('00000001', 1, DONE)
    journal('00000002', 2, { ...DONE, changed: 0, release: null })
    journal('00000003', 3, { ...DONE, exitCode: 3, error: 'PEER_UNFIT' })
    journal('00000004', 4, { ...DONE, exitCode: 6, error: 'RELEASE_REVERTED' })
    journal('00000005', 5, { ...DONE, exitCode: 130, error: 'CHANGES_DECLINED' })
    journal('00000006', 6, null)
    const { text } = await history()
    const cells = text.split('\n').map((line) => line.split(/ {2,}/))
    expect(cells[0]).toEqual(['RUN', 'WHEN (UTC)', 'ENVIRONMENT', 'COMMAND', 'BY', 'OUTCOME', 'TOOK'])
    expect(cells[6]?.slice(0, 5)).toEqual([
      '00000001',
      '2026-11-21 02:01:00',
      'production',
      'gw deploy production',
      'a@b',
    ])
    expect(cells.slice(1).map((row) => row.slice(5))).toEqual([
      ['did not end here'],
      ['not accepted', '2.3 s'],
      ['went back by itself (RELEASE_REVERTED)', '2.3 s'],
      ['failed (PEER_UNFIT)', '2.3 s'],
      ['nothing to change', '2.3 s'],
      ['v1.2: 3 tasks changed something', '2.3 s'],
    ])
  })

  it('is empty on a machine that made none', async () => {
    rmSync(folder, { recursive: true })
    const { text, data } = await history()
    mkdirSync(folder)
    expect(text).toBe('No run was made from this machine.')
    expect(data).toEqual({ runs: [] })
  })

  it('warns of a journal that is damaged and shows the others; what is no journal does not count', async () => {
    journal('aaaaaaaa', 1, DONE)
    writeFileSync(join(folder, '20261121T030000Z-bbbbbbbb.jsonl'), 'no json\n{"type":"run.started"}\n')
    writeFileSync(join(folder, 'notes.txt'), '')
    mkdirSync(join(folder, '20261121T040000Z-cccccccc.jsonl'))
    expect(await runsOf()).toEqual(['aaaaaaaa'])
    expect((await history()).warnings).toEqual([
      `the journal ${join(folder, '20261121T030000Z-bbbbbbbb.jsonl')} is damaged and not shown`,
    ])
  })
})

describe('one run', () => {
  it('is found by how its name begins, and shown with all that happened', async () => {
    journal('aaaaaaaa', 1, DONE)
    const start = {
      run: 'abcdef01',
      environment: 'lab',
      command: 'gw deploy lab',
      by: 'a@b',
      gw: '1',
      hosts: ['h'],
    }
    const written = openJournal(start, folder)
    written.handle({ type: 'run.started', run: start.run, playbook: 'deploy', hosts: ['h'], check: false })
    const task = { host: 'h', task: 'Configure' }
    written.handle({ type: 'host.gathered', host: 'h', ms: 200 })
    written.handle({ type: 'task.started', ...task, index: 1, of: 2 })
    written.handle({ type: 'task.ended', ...task, outcome: 'changed', summary: '2 files', ms: 1500 })
    written.handle({ type: 'task.started', host: 'h', task: 'Reload', index: 2, of: 2 })
    const error = new GwError('CONNECTION_LOST', 'the connection was lost', { host: 'h' })
    written.handle({ type: 'host.failed', host: 'h', error })
    const { text, data } = await history({ run: 'ab' })
    const shown = text.split('\n').map((line) => line.replace(/^\+\d+\.\d s/, '+t'))
    expect(shown.slice(8)).toEqual([
      '+t  h           facts gathered (0.2 s)',
      '+t  h  changed  Configure: 2 files (1.5 s)',
      '+t  h  begun    Reload: how it ended is not known here',
      '+t  h  failed   CONNECTION_LOST: the connection was lost',
    ])
    expect(text).toContain('outcome  did not end here')
    const types = (data?.['runs'] as { events: { type: string }[] }[]).map(({ events }) =>
      events.map(({ type }) => type),
    )
    expect(types).toEqual([['host.gathered', 'task.started', 'task.ended', 'task.started', 'host.failed']])
  })

  it.each([
    ['ff', 'no run that begins with "ff" was made from here'],
    ['a', '"a" is the beginning of several runs: abbbbbbb, aaaaaaaa'],
    ['cc', 'it does not say how the run began'],
  ])('called %s is refused when no single one is meant or it is damaged', async (run, message) => {
    journal('aaaaaaaa', 1, DONE)
    journal('abbbbbbb', 2, DONE)
    writeFileSync(join(folder, '20261121T030000Z-cccccccc.jsonl'), '')
    await expect(history({ run })).rejects.toThrow(message)
  })
})

describe('a hostile journal', () => {
  const line = fc.record(
    {
      time: fc.oneof(fc.constant('2026-11-21T02:00:00.000Z'), fc.anything()),
      type: fc.oneof(
        fc.constantFrom(
          'run.started',
          'run.ended',
          'task.started',
          'task.ended',
          'host.failed',
          'plan.ready',
        ),
        fc.string({ unit: anyCharacter }),
      ),
      host: fc.anything(),
      task: fc.string({ unit: anyCharacter }),
      error: fc.anything(),
      ms: fc.anything(),
      command: fc.string({ unit: anyCharacter }),
      hosts: fc.anything(),
    },
    { requiredKeys: ['type', 'time'] },
  )

  it('never breaks the text of a run nor reaches the terminal', () => {
    const begin = JSON.stringify({ time: '2026-11-21T02:00:00.000Z', type: 'run.started' })
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line.map((value) => JSON.stringify(value)),
            fc.string(),
          ),
        ),
        (lines) => {
          const record = parseJournal('aaaaaaaa', [begin, ...lines].join('\n'))
          expect(record).not.toBeNull()
          if (record === null) return
          const text = recordText(record, (_style, plain) => plain)
          expect(cleanText(text)).toBe(text)
        },
      ),
    )
  })
})
