import { GwError, isUnreachable } from '../../errors.js'
import { parseLockWords } from '../../facts/lock-state.js'
import type { Fence, LockState } from '../../model/lock.js'
import type { StatePaths } from '../../model/state-paths.js'
import { cleanText } from '../../shell/clean.js'
import { framesWithText } from '../../shell/frames.js'
import type { Script } from '../../shell/script.js'
import type { HostSession } from '../session.js'
import { Heartbeat } from './heartbeat.js'
import { acquireScript, type Claim, leaveScript, readFenced, releaseScript, renewScript } from './scripts.js'

/** Why a host's lock was not given: `lock` is what stands there, `output` what the host said about it. */
export interface Refusal {
  readonly kind: 'held' | 'busy' | 'unreverted'
  readonly host: string
  readonly lock: LockState | null
  readonly output: string
}

export interface HostLockOptions {
  readonly paths: StatePaths
  readonly claim: Claim
  readonly leaseMs: number
  /** What the run's lock before this one, on the same host, was taken over from. */
  readonly inherited?: LockState | null
  readonly now: () => number
  /** Called once, when the lock is or may be lost. */
  readonly onLost: (error: GwError) => void
}

interface Taken {
  /** When it was asked for. */
  readonly since: number
  readonly token: number
  readonly before: LockState | null
}

/** To take a lock over may mean to undo a publish first, which waits for NGINX. */
const ACQUIRE_MS = 60_000
const RELEASE_MS = 15_000
const FIRST_TRY_MS = 3000
const MAX_OUTPUT_BYTES = 256 * 1024

/** The lock of one host, with its heartbeat, from the moment it was taken. */
export class HostLock {
  readonly fence: Fence
  /** The lock of an unfinished run that stood there before. */
  readonly takenOver: LockState | null
  readonly #session: HostSession
  readonly #options: HostLockOptions
  readonly #heartbeat: Heartbeat

  private constructor(session: HostSession, { since, token, before }: Taken, options: HostLockOptions) {
    const { run } = options.claim.holder
    this.fence = { run, token }
    this.takenOver = before === null || before.holder.run === run ? (options.inherited ?? null) : before
    this.#session = session
    this.#options = options
    const { leaseMs, now, onLost } = options
    const renewal = renewScript(options.paths, this.fence, options.claim.leaseSeconds)
    const beat = (): Promise<void> => this.#prolong(renewal, leaseMs / 3)
    // A network that swallows everything would keep a program of this run waiting for much longer.
    const onSilence = (): void => {
      session.drop(`the host did not answer for a whole lease (${leaseMs / 1000} s)`)
    }
    this.#heartbeat = new Heartbeat({ host: this.host, beat, leaseMs, since, now, onSilence, onLost })
  }

  /** Asks once, without waiting. @throws GwError when the host cannot be reached, or cannot keep a lock */
  static async take(session: HostSession, options: HostLockOptions): Promise<HostLock | Refusal> {
    const { name } = session.host
    const script = acquireScript(options.paths, options.claim)
    const since = options.now()
    const { words, output } = await answerOf(session, script, ACQUIRE_MS)
    const [, kind, ...rest] = words
    if (kind === 'taken') {
      const { lock } = parseLockWords(rest.slice(1))
      return new HostLock(session, { since, token: Number(rest[0]), before: lock }, options)
    }
    if (kind === 'held' || kind === 'busy' || kind === 'unreverted')
      return { kind, host: name, lock: parseLockWords(rest).lock, output }
    throw unwritable(name, output)
  }

  get host(): string {
    return this.#session.host.name
  }

  /** Stops the heartbeat: the lock stays until its lease is over. */
  keep(): void {
    this.#heartbeat.stop()
  }

  /** Stops the heartbeat and has the lease end within a second; the lock stays and says what was not finished. */
  async leave(): Promise<void> {
    this.#heartbeat.stop()
    const script = leaveScript(this.#options.paths, this.fence)
    await insist(this.#session, (deadlineMs) => this.#prolong(script, deadlineMs))
  }

  /** Stops the heartbeat and lets the lock go. With `restore` that of an unfinished run stands there again. */
  async release({ restore, note }: { restore: boolean; note?: Script }): Promise<void> {
    this.#heartbeat.stop()
    const unfinished = restore ? this.takenOver : null
    await releaseLock(this.#session, this.#options.paths, this.fence, { unfinished, ...(note && { note }) })
  }

  async #prolong(script: Script, deadlineMs: number): Promise<void> {
    const { words, output } = await answerOf(this.#session, script, deadlineMs)
    if (words[0] === 'fenced') throw readFenced(this.host, words)
    if (words[1] !== 'renewed') throw unwritable(this.host, output)
  }
}

/**
 * Lets a lock go. Answers `kept` when it was another's or none, and `busy` when something that its run started is still
 * at work: then it stays, with its lease over, as that of a run which did not end. @throws GwError when the host cannot be reached
 */
export async function releaseLock(
  session: HostSession,
  paths: StatePaths,
  fence: Fence,
  { unfinished = null, note }: { unfinished?: LockState | null; note?: Script } = {},
): Promise<'released' | 'kept' | 'busy'> {
  const script = releaseScript(paths, fence, unfinished, note)
  const { words, output } = await insist(session, (deadlineMs) => answerOf(session, script, deadlineMs))
  const [, end] = words
  if (end === 'released' || end === 'kept' || end === 'busy') return end
  throw unwritable(session.host.name, output)
}

/** The connection may be dead by now: the second time it is another one. What is done twice by this does no harm. */
async function insist<Value>(
  session: HostSession,
  work: (deadlineMs: number) => Promise<Value>,
): Promise<Value> {
  try {
    return await work(FIRST_TRY_MS)
  } catch (error) {
    if (!isUnreachable(error)) throw error
    session.drop()
    return work(RELEASE_MS)
  }
}

/** Runs a program that answers one frame; `output` is what it printed before, cleaned. */
async function answerOf(
  session: HostSession,
  script: Script,
  deadlineMs: number,
): Promise<{ words: readonly string[]; output: string }> {
  let answer: { words: readonly string[]; output: string } = { words: [], output: '' }
  const listener = framesWithText((words, text) => {
    answer = { words, output: cleanText(text).trim() }
  })
  await session.run({ text: script.text }, listener, { deadlineMs, maxOutputBytes: MAX_OUTPUT_BYTES })
  return answer
}

function unwritable(host: string, output: string): GwError {
  return new GwError(
    'COMMAND_FAILED',
    'the lock could not be written on the host; nothing was changed there',
    {
      host,
      ...(output === '' ? {} : { frame: output }),
      nextSteps: ['Look on the host whether the disk with /var/lib/gw is full or read-only: df /var/lib/gw'],
    },
  )
}
