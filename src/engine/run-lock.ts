import { type Question, ask } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import type { StatePaths } from '../model/state-paths.js'
import type { EventSink } from './events.js'
import type { Guard } from './guard.js'
import type { HostRun } from './host-run.js'
import { FleetLock, lockHeld } from './lock/fleet-lock.js'
import type { Procedure } from './playbook.js'

/** How a run takes its hosts for itself. */
export interface LockSettings {
  readonly paths: StatePaths
  /** How long a host waits for a word of this run: after that it undoes what is not confirmed, and others may take its lock. */
  readonly leaseMs: number
  /** How long the run waits for locks that others hold. */
  readonly waitMs: number
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** What was typed, without secrets. */
  readonly command: string
  readonly reason: string
}

interface RunLockOptions {
  readonly run: string
  readonly settings: LockSettings
  readonly emit: EventSink
  readonly now: () => number
  readonly signal: AbortSignal
}

/** The locks of a run's hosts, from the first look at them until the run lets them go. */
export class RunLock {
  readonly #options: RunLockOptions
  #lock: FleetLock | null = null

  constructor(options: RunLockOptions) {
    this.#options = options
  }

  /** What a host is asked about its lock at the first look. */
  get question(): Question<unknown> {
    return this.#question
  }

  get isTaken(): boolean {
    return this.#lock !== null
  }

  get leaseMs(): number {
    return this.#options.settings.leaseMs
  }

  /** Fires when the run may change its hosts no longer. */
  get lost(): AbortSignal | null {
    return this.#lock?.lost ?? null
  }

  /**
   * Refuses by what was seen at the first look: nobody should think about a plan that cannot be carried out.
   * @throws GwError LOCK_HELD
   */
  refuseHeld(hosts: readonly HostRun[]): void {
    if (this.isTaken || this.#options.settings.waitMs > 0) return
    for (const { name, answers } of hosts) {
      const lock = answers?.to(this.#question).lock ?? null
      if (lock !== null && lock.leftSeconds > 0) throw lockHeld(name, lock)
    }
  }

  /**
   * Takes the lock of every host. Answers whether a host may have changed since the first look: another run had its lock
   * (tokens rise by one with each), or left it with something that was undone just now.
   * @throws GwError LOCK_HELD
   */
  async take(hosts: readonly HostRun[], procedure: Procedure | null): Promise<{ disturbed: boolean }> {
    const { run, settings, emit, now, signal } = this.#options
    const { paths, leaseMs, waitMs, by, command, reason } = settings
    const common = {
      run,
      by,
      command,
      reason,
      since: new Date().toISOString(),
      hosts: hosts.map(({ name }) => name),
    }
    const sessions = hosts.map(({ session }) => session)
    const holderOf = (host: string) => ({
      ...common,
      release: procedure?.release ?? null,
      before: procedure?.before[host] ?? null,
    })
    const lock = await FleetLock.acquire(sessions, { holderOf, leaseMs, waitMs, paths, emit, now, signal })
    this.#lock = lock
    const another = hosts.some(
      ({ name, answers }) => lock.tokenOf(name) > (answers?.to(this.#question).token ?? 0) + 1,
    )
    return { disturbed: another || lock.takenOver.length > 0 }
  }

  /** What a program must pass that changes a host; null before the lock is taken. */
  guardOf(host: string): Guard | null {
    const { paths, leaseMs } = this.#options.settings
    if (this.#lock === null) return null
    return { paths, fence: this.#lock.fenceOf(host), patienceSeconds: Math.ceil(leaseMs / 1000) }
  }

  /** An unsettled run leaves its lock with the lease over: it says what `gw resume` is to go on with. */
  async letGo(settled: boolean): Promise<void> {
    await (settled ? this.#lock?.release() : this.#lock?.leave())
  }

  get #question() {
    return ask(lockState, { paths: this.#options.settings.paths })
  }
}
