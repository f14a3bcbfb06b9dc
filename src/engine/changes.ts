import pLimit from 'p-limit'
import type { Host } from '../model/host.js'
import { batches } from './batches.js'
import type { HostRun } from './host-run.js'
import { takesPart, type Play } from './playbook.js'
import { Rollout } from './rollout.js'
import type { RolloutEnd } from './rollout-end.js'
import type { RunLock } from './run-lock.js'
import type { RunOptions } from './run-options.js'
import { HostSession } from './session.js'
import {
  isOnTrial,
  isWatched,
  type TrialHost,
  trialHost,
  type TrialPlay,
  WATCH_STEPS,
  type WatchedPlay,
} from './trial.js'

/** What hosts need to undo a change by themselves, beyond the lease, before nobody waits for them any more. */
const REVERT_TAKES_MS = 10_000

const NEVER = new AbortController().signal

/** Makes the changes of a run, play by play and batch by batch. */
export class Changes {
  readonly #hosts: readonly HostRun[]
  readonly #lock: RunLock | null
  readonly #options: RunOptions
  /** Sessions with hosts outside the run, of which a trial asks something. */
  readonly #others = new Map<string, HostSession>()
  #end: RolloutEnd = 'untouched'

  constructor(hosts: readonly HostRun[], lock: RunLock | null, options: RunOptions) {
    this.#hosts = hosts
    this.#lock = lock
    this.#options = options
  }

  /** Answers how the play with a trial ended. */
  async make(plays: readonly Play[]): Promise<RolloutEnd> {
    const stopHosts = (): void => {
      this.#options.emit({ type: 'run.stopping' })
      // A host that cannot be told to stop is one whose run ends by its own error.
      void Promise.allSettled(this.#hosts.filter((host) => host.changing).map((host) => host.stop()))
    }
    this.#options.stop.addEventListener('abort', stopHosts, { once: true })
    try {
      for (const play of plays) {
        if (!(await this.#changePlay(play))) break
      }
    } finally {
      this.#options.stop.removeEventListener('abort', stopHosts)
      await Promise.all([...this.#others.values()].map((session) => session.close()))
    }
    return this.#end
  }

  /** False when the run must not go on after this play. */
  async #changePlay(play: Play): Promise<boolean> {
    const { emit } = this.#options
    const taking = this.#hosts.filter((host) => host.takesPartIn(play))
    // Who comes last must be true when the play begins: the virtual IP may have moved since the facts were gathered.
    if (play.last !== undefined) await this.#each(taking, (host) => host.refresh())
    if (taking.some((host) => host.hasFailed())) return false
    const last = new Set(taking.filter((host) => host.comesLast(play)).map(({ name }) => name))
    const names = taking.map(({ name }) => name)
    const portions = batches(names, last, play.serial)
    const changes = taking.reduce((sum, host) => sum + host.changesIn(play), 0)
    const trial = isOnTrial(play)
    const proved = trial || isWatched(play)
    emit({ type: 'play.started', play: play.name, changes, batches: portions, trial: proved })
    const order = portions.map((portion) =>
      portion.flatMap((name) => taking.find((host) => host.name === name) ?? []),
    )
    const whole = trial ? await this.#rollOut(play, order) : await this.#changeBatches(play, order)
    emit({ type: 'play.ended', play: play.name })
    return whole
  }

  async #changeBatches(play: Play, order: readonly (readonly HostRun[])[]): Promise<boolean> {
    for (const batch of order) {
      if (this.#isOver()) return false
      await this.#each(batch, (host) =>
        isWatched(play) ? this.#changeWatched(play, host) : host.apply(play),
      )
      if (batch.some((host) => host.hasFailed())) return false
    }
    return !this.#isOver()
  }

  /** What was changed is proved even when the run shall stop: it is not undone. */
  async #changeWatched(play: WatchedPlay, host: HostRun): Promise<void> {
    if (host.changesIn(play) === 0) {
      await host.apply(play)
      return
    }
    const peers = this.#peersOf(play, host.host)
    const own = trialHost(host.session, this.#options.abandon)
    if (!(await host.step(WATCH_STEPS.guard, 'ok', () => play.watch.guard(own, peers)))) return
    const before = changesMade(host)
    await host.apply(play)
    if (changesMade(host) === before || host.hasFailed()) return
    await host.step(WATCH_STEPS.prove, 'ok', () => play.watch.prove(own, peers))
  }

  async #rollOut(play: TrialPlay, order: readonly (readonly HostRun[])[]): Promise<boolean> {
    const { reach, onFailure, now, stop, abandon } = this.#options
    const rollout = new Rollout(play, play.trial, {
      ...{ reach, onFailure, now, stop, abandon },
      peersOf: (host) => this.#peersOf(play, host),
      guardOf: (host) => this.#lock?.guardOf(host) ?? null,
      patienceMs: (this.#lock?.leaseMs ?? 0) + REVERT_TAKES_MS,
      lost: this.#lock?.lost ?? NEVER,
    })
    this.#end = await rollout.go(order)
    return (
      this.#end === 'confirmed' ||
      (this.#end === 'untouched' && !order.flat().some((host) => host.hasFailed()))
    )
  }

  /** The other hosts of the play's group, whether the run may touch them or not. */
  #peersOf(play: Play, host: Host): TrialHost[] {
    return this.#options.inventory.hosts
      .filter((other) => other.name !== host.name && takesPart(play, other))
      .map((other) => trialHost(this.#sessionWith(other), this.#options.abandon))
  }

  #sessionWith(host: Host): HostSession {
    const own = this.#hosts.find(({ name }) => name === host.name)?.session
    if (own !== undefined) return own
    const session = this.#others.get(host.name) ?? new HostSession(host, this.#options.reach)
    this.#others.set(host.name, session)
    return session
  }

  #isOver(): boolean {
    return this.#options.stop.aborted || this.#lock?.lost?.aborted === true
  }

  async #each(hosts: readonly HostRun[], work: (host: HostRun) => Promise<void>): Promise<void> {
    const limit = pLimit(this.#options.forks)
    await Promise.all(hosts.map((host) => limit(() => work(host))))
  }
}

function changesMade(host: HostRun): number {
  return host.report().tasks.filter(({ outcome }) => outcome === 'changed').length
}
