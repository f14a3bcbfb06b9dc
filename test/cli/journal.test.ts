import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { journalFolder, openJournal, type RunEnd, type RunStart } from '../../src/cli/journal.js'
import { typedCommand } from '../../src/cli/typed-command.js'
import { planHash } from '../../src/engine/plan-hash.js'
import type { FleetPlan } from '../../src/engine/plan.js'
import { GwError } from '../../src/errors.js'
import { Secret } from '../../src/model/secret.js'
import { sh } from '../../src/shell/script.js'

const START: RunStart = {
  run: '3fa9c210',
  environment: 'production',
  command: 'gw deploy production',
  by: 'alice@laptop',
  gw: '0.1.0',
}
const BEGUN = {
  type: 'run.started',
  run: START.run,
  playbook: 'deploy',
  hosts: ['gw-1', 'gw-2'],
  check: false,
} as const
const END: RunEnd = { exitCode: 0, ms: 1234.5, changed: 1, release: 'v1.2', error: null }

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-journal-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** The plan of one change whose diff, input and secret all hold \`kept\`. */
function planWith(kept: string, command = 'true'): FleetPlan {
  const decision = {
    kind: 'change' as const,
    summary: 'write the key',
    script: sh`${command}`,
    input: Buffer.from(kept),
    secrets: [new Secret(kept)],
    diffs: [{ path: '/key', before: null, after: kept }],
  }
  const operation = { subject: '/key', questions: [], decide: () => decision }
  return {
    hosts: [
      { host: 'gw-1', plays: [{ play: 'keys', tasks: [{ task: { name: 'key', operation }, decision }] }] },
      { host: 'gw-2', plays: [] },
    ],
  }
}

function linesIn(runs: string): Record<string, unknown>[] {
  const [name = ''] = readdirSync(runs)
  const text = readFileSync(join(runs, name), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the journal of a run', () => {
  it('has a line for the beginning, each event and the end, as they happen', () => {
    const runs = join(folder, 'state/runs')
    const journal = openJournal(START, runs)
    journal.handle(BEGUN)
    expect(linesIn(runs)).toMatchObject([{ type: 'run.started', ...START, hosts: ['gw-1', 'gw-2'] }])
    const ended = {
      type: 'task.ended',
      host: 'gw-1',
      task: 't',
      outcome: 'changed',
      summary: 's',
      ms: 12.7,
    } as const
    journal.handle(ended)
    expect(linesIn(runs)).toMatchObject([{ type: 'run.started' }, { ...ended, ms: 13 }])
    journal.end(END)
    expect(linesIn(runs)).toMatchObject([
      { type: 'run.started' },
      { type: 'task.ended' },
      { type: 'run.ended', ...END, ms: 1235 },
    ])
    for (const { time } of linesIn(runs)) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(journal.warning).toBeNull()
  })

  it('is read by nobody but its user, and named by time and run', () => {
    const runs = join(folder, 'gw/runs')
    openJournal(START, runs).handle(BEGUN)
    const [name = ''] = readdirSync(runs)
    expect(name).toMatch(/^\d{8}T\d{6}Z-3fa9c210\.jsonl$/)
    expect(statSync(runs).mode & 0o777).toBe(0o700)
    expect(statSync(join(runs, name)).mode & 0o777).toBe(0o600)
  })

  it('holds no content of files, no diff and nothing that a host printed', () => {
    const journal = openJournal(START, folder)
    journal.handle(BEGUN)
    journal.handle({ type: 'plan.ready', plan: planWith('sentinel') })
    const error = new GwError('TASK_FAILED', 'it failed', {
      host: 'gw-1',
      frame: 'sentinel',
      nextSteps: ['x'],
    })
    journal.handle({ type: 'host.failed', host: 'gw-1', error })
    journal.end(END)
    const lines = linesIn(folder)
    expect(JSON.stringify(lines)).not.toContain('sentinel')
    expect(lines[1]).toMatchObject({
      planHash: planHash(planWith('other')),
      changes: { 'gw-1': 1, 'gw-2': 0 },
    })
    expect(lines[2]?.['error']).toEqual({ code: 'TASK_FAILED', message: 'it failed' })
  })

  it('keeps texts that are safe to print, on one line each', () => {
    const journal = openJournal(START, folder)
    journal.handle(BEGUN)
    const hostile = 'a\u001b[31mb\nc\u202ed'
    journal.handle({ type: 'task.ended', host: 'h', task: hostile, outcome: 'ok', summary: hostile, ms: 0 })
    journal.end(END)
    expect(linesIn(folder)[1]).toMatchObject({ task: 'ab\\x0ac\\u202ed', summary: 'ab\\x0ac\\u202ed' })
  })

  it('is kept for the last 500 runs; files of other names stay', () => {
    for (let run = 0; run < 501; run++) {
      const name = `20260101T000000Z-${run.toString(16).padStart(8, '0')}.jsonl`
      writeFileSync(join(folder, name), '')
    }
    writeFileSync(join(folder, '0-not-ours.jsonl'), '')
    openJournal(START, folder).handle(BEGUN)
    const names = readdirSync(folder).sort()
    expect(names).toHaveLength(501)
    expect(names.slice(0, 2)).toEqual(['0-not-ours.jsonl', '20260101T000000Z-00000002.jsonl'])
  })

  it('that cannot be written is one warning, and the events go by', () => {
    const occupied = join(folder, 'file')
    writeFileSync(occupied, '')
    const journal = openJournal(START, occupied)
    journal.handle(BEGUN)
    journal.handle({ type: 'run.stopping' })
    journal.end(END)
    expect(journal.warning).toContain('(EEXIST)')
  })
})

describe('a run that never began', () => {
  it('leaves no journal', () => {
    openJournal(START, folder).end(END)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('the folder of journals', () => {
  it.each([
    [{ HOME: '/home/a' }, '/home/a/.local/state/gw/runs'],
    [{ HOME: '/home/a', XDG_STATE_HOME: '' }, '/home/a/.local/state/gw/runs'],
    [{ HOME: '/home/a', XDG_STATE_HOME: 'relative' }, '/home/a/.local/state/gw/runs'],
    [{ HOME: '/home/a', XDG_STATE_HOME: '/state' }, '/state/gw/runs'],
  ])('of %j is %s', (env, expected) => {
    expect(journalFolder(env)).toBe(expected)
  })
})

describe('the hash of a plan', () => {
  it('is that of what is done, and of nothing else', () => {
    expect(planHash(planWith('one secret'))).toBe(planHash(planWith('another')))
    expect(planHash(planWith('', 'true'))).not.toBe(planHash(planWith('', 'false')))
    expect(planHash({ hosts: [] })).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a command as it was typed', () => {
  it.each([
    [['deploy', 'production', '--limit', 'gw-1'], 'gw deploy production --limit gw-1'],
    [['run', 'a b.ts'], "gw run 'a b.ts'"],
    [['exec', 'lab', 'all', '--', 'mysql', '-psecret'], 'gw exec lab all -- ...'],
    [['lock', 'acquire', '--reason', 'x\ny'], "gw lock acquire --reason 'x\\x0ay'"],
  ])('%j is %s', (argv, expected) => {
    expect(typedCommand(argv)).toBe(expected)
  })

  it('is never longer than 300 characters', () => {
    expect(typedCommand(['x'.repeat(1000)])).toHaveLength(300)
  })
})
