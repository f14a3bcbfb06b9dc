import { type Question, ask } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import type { Holder } from '../model/lock.js'
import type { StatePaths } from '../model/state-paths.js'
import { audit } from '../operations/audit.js'
import { cleanLine } from '../shell/clean.js'
import type { Script } from '../shell/script.js'
import type { EventSink } from './events.js'
import type { Guard } from './guard.js'
import type { HostRun } from './host-run.js'
import { FleetLock, lockHeld } from './lock/fleet-lock.js'
import { planHash } from './plan-hash.js'
import type { FleetPlan } from './plan.js'
import type { Procedure } from './playbook.js'
import type { RolloutEnd } from './rollout-end.js'

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

/** What a run is about. */
export interface RunIntent {
  /** Null for a playbook that publishes no release. */
  readonly procedure: Procedure | null
  readonly plan: FleetPlan
}

/** How a run ended. */
interface RunEnding {
  readonly end: RolloutEnd
  readonly hosts: readonly HostRun[]
  /** Whether it came to its changes, and all went well. */
  readonly went: boolean
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

  /** Whether, at the first look, a host still had the lock of a run that did not end. */
  isLeftOn(hosts: readonly HostRun[]): boolean {
    return hosts.some(({ answers }) => {
      const lock = answers?.to(this.#question).lock ?? null
      return lock !== null && lock.leftSeconds <= 0
    })
  }

  /**
   * Takes the lock of every host. Answers whether a host may have changed since the first look: another run had its lock
   * then, or since (tokens rise by one with each), or left it with something that was undone just now.
   * @throws GwError LOCK_HELD
   */
  async take(hosts: readonly HostRun[], intent: RunIntent): Promise<{ disturbed: boolean }> {
    const lock = await this.#acquire(hosts, intent)
    this.#lock = lock
    const another = hosts.some(({ name, answers }) => {
      const seen = answers?.to(this.#question)
      return (seen?.lock ?? null) !== null || lock.tokenOf(name) > (seen?.token ?? 0) + 1
    })
    return { disturbed: another || lock.takenOver.length > 0 }
  }

  /** Takes the locks that the run has once more, so that they say what it is about now. @throws GwError LOCK_HELD */
  async retake(hosts: readonly HostRun[], intent: RunIntent): Promise<void> {
    this.#lock?.keep()
    this.#lock = await this.#acquire(hosts, intent, this.#lock ?? undefined)
  }

  /** Unfinished runs whose locks this one has taken over. */
  get takenOver(): FleetLock['takenOver'] {
    return this.#lock?.takenOver ?? []
  }

  /** What a program must pass that changes a host; null before the lock is taken. */
  guardOf(host: string): Guard | null {
    const { paths, leaseMs } = this.#options.settings
    if (this.#lock === null) return null
    return { paths, fence: this.#lock.fenceOf(host), patienceSeconds: Math.ceil(leaseMs / 1000) }
  }

  /**
   * Lets the locks go and has each host write down how the run ended there. An unsettled run leaves its locks with the
   * lease over: they say what `gw resume` is to go on with. One that changed nothing gives those back that it took over.
   */
  async letGo({ end, hosts, went }: RunEnding): Promise<void> {
    if (end === 'unsettled') {
      await this.#lock?.leave()
      return
    }
    const { run } = this.#options
    const known = new Map(hosts.map((host) => [host.name, host]))
    const noteOf = (name: string): Script => {
      const host = known.get(name)
      const outcome = host?.report().outcome ?? 'skipped'
      const verdicts = (host?.steps ?? []).map((step) => `${step.task}: ${step.outcome}, ${step.summary}`)
      return audit({ event: 'run.ended', run, end, outcome, verdicts: cleanLine(verdicts.join('; ')) })
    }
    await this.#lock?.release(noteOf, end === 'untouched' && !went)
  }

  #acquire(
    hosts: readonly HostRun[],
    { procedure, plan }: RunIntent,
    instead?: FleetLock,
  ): Promise<FleetLock> {
    const { run, settings, emit, now, signal } = this.#options
    const { paths, leaseMs, waitMs, by, command, reason } = settings
    const release = procedure?.release ?? null
    const common = { run, by, command, reason, release }
    const about = { since: new Date().toISOString(), hosts: hosts.map(({ name }) => name) }
    const holderOf = (host: string): Holder => {
      return { kind: 'run', ...common, ...about, before: procedure?.before[host] ?? null }
    }
    const event = instead === undefined ? 'run.started' : 'run.replanned'
    const note = audit({ event, ...common, planHash: planHash(plan) })
    const sessions = hosts.map(({ session }) => session)
    const options = { holderOf, leaseMs, waitMs, paths, note, emit, now, signal }
    return FleetLock.acquire(sessions, instead === undefined ? options : { ...options, instead })
  }

  get #question() {
    return ask(lockState, { paths: this.#options.settings.paths })
  }
}
