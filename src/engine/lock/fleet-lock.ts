import { setTimeout as sleep } from 'node:timers/promises'
import { GwError } from '../../errors.js'
import { leftText, type Fence, type Holder, type LockState } from '../../model/lock.js'
import { STATE, type StatePaths } from '../../model/state-paths.js'
import type { Script } from '../../shell/script.js'
import type { EventSink } from '../events.js'
import type { HostSession } from '../session.js'
import { HostLock, type Refusal } from './host-lock.js'
import { ownerText, PATIENCE_WITH_WORK } from './scripts.js'

export interface LockOptions {
  readonly holderOf: (host: string) => Holder
  /** How long a lock lasts without a renewal; reckoned in whole seconds by hosts, rounded up. */
  readonly leaseMs: number
  /** How long to wait for locks that others hold; 0 for not at all. */
  readonly waitMs: number
  readonly paths?: StatePaths
  /** Run on each host once its lock is taken. */
  readonly note?: Script
  /** The locks that the run had until now, on the same hosts. */
  readonly instead?: FleetLock
  readonly emit: EventSink
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/** How long to wait before a held lock is looked at again; waiting runs do not keep step. */
const nextLookMs = (): number => 200 + Math.random() * 200

/** The locks of a run's hosts, all of them or none, with their heartbeats. */
export class FleetLock {
  readonly #options: LockOptions
  readonly #locks = new Map<string, HostLock>()
  readonly #takenOver = new Map<string, Holder>()
  readonly #lost = new AbortController()

  readonly #sessions: readonly HostSession[]

  private constructor(sessions: readonly HostSession[], options: LockOptions) {
    this.#sessions = sessions
    this.#options = options
  }

  /**
   * Takes the lock of every host: everywhere at once; when one is held, all are let go and, when there is time to wait,
   * taken one after the other in the order given, which is the same for every run, so that no two wait for each other.
   * @throws GwError LOCK_HELD, LOCK_LOST while waiting, INTERRUPTED, COMMAND_FAILED when a host cannot keep a lock, or
   *   why a host cannot be reached. Then no lock is held.
   */
  static async acquire(sessions: readonly HostSession[], options: LockOptions): Promise<FleetLock> {
    const lock = new FleetLock(sessions, options)
    try {
      await lock.#takeAll()
    } catch (error) {
      await lock.#letGo({ restore: true })
      throw error
    }
    const told = options.instead === undefined ? lock.takenOver : []
    for (const { host, holder } of told) options.emit({ type: 'lock.taken-over', host, holder })
    return lock
  }

  /** Unfinished runs whose locks were taken over; what they had published without confirming it is undone. */
  get takenOver(): readonly { readonly host: string; readonly holder: Holder }[] {
    return this.#sessions.flatMap(({ host: { name } }) => {
      const holder = this.#takenOver.get(name)
      return holder === undefined ? [] : [{ host: name, holder }]
    })
  }

  /** The lock of an unfinished run that was taken over on a host. */
  takenOverOn(host: string): LockState | null {
    return this.#locks.get(host)?.takenOver ?? null
  }

  /** Fires with a GwError LOCK_LOST as its reason, once, when a host's lock is lost or may be. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  tokenOf(host: string): number {
    return this.fenceOf(host).token
  }

  fenceOf(host: string): Fence {
    const lock = this.#locks.get(host)
    if (lock === undefined) throw new Error(`the lock of ${host} was not taken`)
    return lock.fence
  }

  /** Stops the heartbeats and lets the locks go, after `noteOf` was run on each host; with `restore` unfinished
   * runs have theirs again. A host that cannot be reached keeps its lock until the lease is over. */
  async release(noteOf?: (host: string) => Script, restore = false): Promise<void> {
    await this.#letGo({ restore }, noteOf)
  }

  /** Stops the heartbeats and ends the leases, but leaves the locks: they say what was not finished. Never throws. */
  async leave(): Promise<void> {
    await Promise.allSettled([...this.#locks.values()].map((lock) => lock.leave()))
  }

  /** Stops the heartbeats: the locks stay, each until its lease is over. */
  keep(): void {
    for (const lock of this.#locks.values()) lock.keep()
  }

  /** The same for a host that goes down on purpose: the others keep everybody else out. */
  keepOf(host: string): void {
    this.#locks.get(host)?.keep()
  }

  async #takeAll(): Promise<void> {
    this.#goOn()
    const attempts = await Promise.allSettled(this.#sessions.map((session) => this.#take(session)))
    const failure = attempts.find((attempt) => attempt.status === 'rejected')
    if (failure !== undefined) throw failure.reason
    const refusal = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' && attempt.value) || [])[0]
    if (refusal === undefined) return
    const { now, waitMs } = this.#options
    if (waitMs <= 0 || refusal.kind === 'unreverted') throw refusedBy(refusal)
    const deadline = now() + waitMs
    await this.#letGo({ restore: true })
    for (const session of this.#sessions) await this.#await(session, deadline)
  }

  /** Answers why not, or null when the lock is held. */
  async #take(session: HostSession): Promise<Refusal | null> {
    const { paths = STATE, holderOf, leaseMs, now, note, instead } = this.#options
    const { name } = session.host
    const claim = { holder: holderOf(name), leaseSeconds: Math.ceil(leaseMs / 1000), ...(note && { note }) }
    const onLost = (error: GwError): void => {
      this.#lost.abort(error)
    }
    const inherited = instead?.takenOverOn(name) ?? null
    const taken = await HostLock.take(session, { paths, claim, leaseMs, inherited, now, onLost })
    if (!(taken instanceof HostLock)) return taken
    this.#locks.set(name, taken)
    if (taken.takenOver !== null) this.#takenOver.set(name, taken.takenOver.holder)
    return null
  }

  async #await(session: HostSession, deadline: number): Promise<void> {
    const { now, emit, signal } = this.#options
    let told: string | undefined
    for (;;) {
      this.#goOn()
      const refusal = await this.#take(session)
      if (refusal === null) return
      const leftMs = deadline - now()
      if (leftMs <= 0 || refusal.kind === 'unreverted') throw refusedBy(refusal)
      const { host, lock } = refusal
      if (lock !== null && lock.holder.run !== told) {
        told = lock.holder.run
        emit({ type: 'lock.waiting', host, holder: lock.holder, leftSeconds: lock.leftSeconds })
      }
      await sleep(Math.min(nextLookMs(), leftMs), undefined, { signal }).catch(() => undefined)
    }
  }

  /** @throws GwError when there is no use in going on */
  #goOn(): void {
    this.#lost.signal.throwIfAborted()
    if (!this.#options.signal.aborted) return
    throw new GwError('INTERRUPTED', 'stopped before the lock was taken; nothing was changed', {
      nextSteps: ['gw lock status ENV shows who has the lock.'],
    })
  }

  async #letGo(how: { restore: boolean }, noteOf?: (host: string) => Script): Promise<void> {
    await Promise.allSettled(
      [...this.#locks.values()].map((lock) =>
        lock.release({ ...how, ...(noteOf && { note: noteOf(lock.host) }) }),
      ),
    )
    this.#locks.clear()
  }
}

/** The error of a host whose lock another run has, or a person. */
export function lockHeld(host: string, { holder, leftSeconds }: LockState): GwError {
  const byHand = holder.kind === 'hand'
  const reason = holder.reason === '' ? '' : `, because: ${holder.reason}`
  const lease = byHand
    ? `it lasts ${leftText(leftSeconds)} more`
    : `its lease runs ${leftSeconds} s more, unless that run renews it`
  const message = `the lock is held by ${ownerText(holder)} since ${holder.since}${reason}; ${lease}`
  return new GwError('LOCK_HELD', message, {
    host,
    nextSteps: [
      'Add --lock-wait 10m to wait for it.',
      'gw lock status ENV shows who has the lock of each host.',
      byHand ? 'gw lock release ENV lets it go.' : 'gw abort ENV ends a run that hangs.',
    ],
  })
}

function refusedBy({ kind, host, lock, output }: Refusal): GwError {
  if (kind === 'held' && lock !== null) return lockHeld(host, lock)
  const who = lock === null ? 'a run before' : ownerText(lock.holder)
  const message =
    kind === 'busy'
      ? `nobody has the lock, but something is still at work on the host, most likely of ${who}; waited ${PATIENCE_WITH_WORK} s for it`
      : `${who} did not end, and what it had published could not be undone`
  return new GwError('LOCK_HELD', message, {
    host,
    ...(output === '' ? {} : { frame: output }),
    nextSteps: ['gw abort ENV ends what is left of it.', 'gw status ENV shows where the hosts stand.'],
  })
}
