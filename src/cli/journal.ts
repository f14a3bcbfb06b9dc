import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { EngineEvent } from '../engine/events.js'
import { errnoCode, type ErrorCode, type ExitCode } from '../errors.js'
import { localUser, type Environment } from '../inventory/local-user.js'
import { journalFields } from './journal-line.js'

/** What is known of a run before it begins. */
export interface RunStart {
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly environment: string
  /** What was typed, without secrets. */
  readonly command: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** gw's version. */
  readonly gw: string
}

/** How a run ended. `ms` how long it took; `error` the code that its exit code speaks of, null for none. */
export interface RunEnd {
  readonly exitCode: ExitCode
  readonly ms: number
  readonly changed: number
  readonly release: string | null
  readonly error: ErrorCode | null
}

/** What gw writes down about one run on the machine that it runs on. */
export interface Journal {
  handle(event: EngineEvent): void
  end(end: RunEnd): void
  /** Why the journal is not whole; null while it is. */
  readonly warning: string | null
}

/** Files of runs by name: the time in UTC and the run. */
export const JOURNAL_NAME = /^(\d{8}T\d{6}Z)-([0-9a-f]{8})\.jsonl$/

/** How many runs are kept. */
const RUNS_KEPT = 500

/** The folder of the journals: below XDG_STATE_HOME when that is absolute, else ~/.local/state. */
export function journalFolder(env: Environment): string {
  const named = env['XDG_STATE_HOME'] ?? ''
  return join(isAbsolute(named) ? named : join(localUser(env).home, '.local/state'), 'gw/runs')
}

/**
 * The journal of a run: from its first event on a file of its own that only its user reads, with a JSON object a line,
 * each written as it happens. A journal that cannot be written is a warning; the run goes on without it.
 */
export function openJournal(start: RunStart, folder: string): Journal {
  return new JournalFile(start, folder)
}

class JournalFile implements Journal {
  readonly #start: RunStart
  readonly #folder: string
  #file: number | null = null
  #warning: string | null = null

  constructor(start: RunStart, folder: string) {
    this.#start = start
    this.#folder = folder
  }

  get warning(): string | null {
    return this.#warning
  }

  handle(event: EngineEvent): void {
    if (event.type === 'run.started') {
      this.#open()
      this.#write({ type: event.type, ...this.#start, playbook: event.playbook, hosts: event.hosts })
    } else this.#write(journalFields(event))
  }

  end(end: RunEnd): void {
    this.#write({ type: 'run.ended', ...end, ms: Math.round(end.ms) })
    const file = this.#file
    this.#file = null
    if (file !== null) closeSync(file)
  }

  #open(): void {
    const second = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
    this.#keepWarning(() => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      removeOldest(this.#folder, RUNS_KEPT - 1)
      this.#file = openSync(join(this.#folder, `${second}Z-${this.#start.run}.jsonl`), 'ax', 0o600)
    })
  }

  #write(fields: Readonly<Record<string, unknown>>): void {
    const file = this.#file
    if (file === null) return
    this.#keepWarning(() => {
      writeSync(file, `${JSON.stringify({ time: new Date().toISOString(), ...fields })}\n`)
    })
  }

  /** After the first failure nothing more is tried: a full disk would say the same of every line. */
  #keepWarning(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#warning = `the journal of this run cannot be written to ${this.#folder} (${errnoCode(error)}): gw history will not show it whole`
      if (this.#file !== null) closeSync(this.#file)
      this.#file = null
    }
  }
}

/** Names begin with the time, so that their order is that of the runs. */
function removeOldest(folder: string, kept: number): void {
  const names = readdirSync(folder).filter((name) => JOURNAL_NAME.test(name))
  for (const name of names.sort().slice(0, Math.max(0, names.length - kept)))
    rmSync(join(folder, name), { force: true })
}
