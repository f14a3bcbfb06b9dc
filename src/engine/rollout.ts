import { isUnreachable } from '../errors.js'
import type { Host } from '../model/host.js'
import { type FreshProgram, HostBusy, runOverFreshConnection } from './fresh-program.js'
import type { Guard } from './guard.js'
import type { HostRun } from './host-run.js'
import type { Play } from './playbook.js'
import type { OnFailure, RolloutEnd } from './rollout-end.js'
import type { Reach } from './session.js'
import { type Trial, type TrialHost, trialHost, WATCH_STEPS } from './trial.js'

export interface RolloutSettings {
  readonly reach: Reach
  readonly onFailure: OnFailure
  /** The hosts of the play's group besides `host`, also those outside the run. */
  readonly peersOf: (host: Host) => readonly TrialHost[]
  readonly guardOf: (host: string) => Guard | null
  /** How long a host is tried that cannot be reached: until it has undone by itself what is not confirmed. */
  readonly patienceMs: number
  readonly now: () => number
  readonly stop: AbortSignal
  readonly abandon: AbortSignal
  /** Fires when the run may change its hosts no longer. */
  readonly lost: AbortSignal
}

/** A revert waits for NGINX; what only looks or writes a few words, and may be asked again, must not hang for long. */
const REVERT_MS = 60_000
const CONFIRM_MS = 12_000

type Attempt = Pick<FreshProgram, 'script' | 'guard' | 'deadlineMs'>

/**
 * Takes the hosts of a play through its trial: each is guarded, changed and proved before the next one, and all are
 * confirmed at the end. Until then every change is one that its host undoes by itself, so that a fleet goes forward whole
 * or back whole.
 */
export class Rollout {
  readonly #play: Play
  readonly #trial: Trial
  readonly #settings: RolloutSettings
  /** Hosts that were changed, or may have been, in that order. */
  readonly #touched: HostRun[] = []
  readonly #proved = new Set<HostRun>()

  constructor(play: Play, trial: Trial, settings: RolloutSettings) {
    this.#play = play
    this.#trial = trial
    this.#settings = settings
  }

  async go(batches: readonly (readonly HostRun[])[]): Promise<RolloutEnd> {
    for (const batch of batches) {
      if (this.#isStopped()) return this.#goBack()
      const whole = await Promise.all(batch.map((host) => this.#changeOne(host)))
      if (whole.includes(false)) return this.#goBack()
    }
    return this.#proved.size === 0 ? 'untouched' : this.#confirm()
  }

  #isStopped(): boolean {
    return this.#settings.stop.aborted || this.#settings.lost.aborted
  }

  /** False when the play must not go on. */
  async #changeOne(host: HostRun): Promise<boolean> {
    if (host.changesIn(this.#play) > 0) {
      const peers = this.#settings.peersOf(host.host)
      const guarded = await host.step(WATCH_STEPS.guard, 'ok', () =>
        this.#trial.guard(trialHost(host.session), peers),
      )
      if (!guarded) return false
    }
    await host.apply(this.#play)
    const armed = host.hasChanged(this.#trial.subject)
    if (armed) this.#touched.push(host)
    if (host.hasFailed() || this.#isStopped()) return false
    if (!armed) return true
    return this.#prove(host)
  }

  async #prove(host: HostRun): Promise<boolean> {
    const peers = this.#settings.peersOf(host.host)
    const proved = await host.step(WATCH_STEPS.prove, 'ok', () =>
      this.#trial.prove(trialHost(host.session), peers),
    )
    if (proved) this.#proved.add(host)
    return proved
  }

  /** All hosts at once: one that is not to be reached must not keep the others from going back, or from staying. */
  async #goBack(): Promise<RolloutEnd> {
    if (this.#touched.length === 0) return 'untouched'
    const keeps = this.#settings.onFailure === 'keep' && !this.#isStopped()
    const kept = this.#touched.filter((host) => keeps && this.#proved.has(host) && !host.hasFailed())
    const back = this.#touched.filter((host) => !kept.includes(host))
    const [reverted, confirmed] = await Promise.all([
      Promise.all(back.map((host) => this.#revert(host))),
      Promise.all(kept.map((host) => this.#confirmOne(host))),
    ])
    if (reverted.includes(false) || confirmed.includes(false)) return 'unsettled'
    return kept.length > 0 ? 'kept' : 'reverted'
  }

  #revert(host: HostRun): Promise<boolean> {
    return host.step('Go back', 'changed', () =>
      this.#persist(host, { script: this.#trial.revert(host.host), guard: null, deadlineMs: REVERT_MS }),
    )
  }

  /** Nobody confirms before all have said that they can: from the first confirmation on, the others should follow. */
  async #confirm(): Promise<RolloutEnd> {
    const hosts = [...this.#proved]
    const ready = await Promise.all(hosts.map((host) => this.#makeReady(host)))
    if (ready.includes(false)) return this.#goBack()
    const confirmed = await Promise.all(hosts.map((host) => this.#confirmOne(host)))
    return confirmed.includes(false) ? 'unsettled' : 'confirmed'
  }

  #makeReady(host: HostRun): Promise<boolean> {
    return host.step('Reach it anew', 'ok', async () => {
      const guard = this.#settings.guardOf(host.name)
      const program = { script: this.#trial.ready(host.host), guard, deadlineMs: CONFIRM_MS }
      return (await this.#persist(host, program)) || 'it waits to be confirmed'
    })
  }

  #confirmOne(host: HostRun): Promise<boolean> {
    return host.step('Confirm it', 'ok', async () => {
      const guard = this.#settings.guardOf(host.name)
      const program = { script: this.#trial.confirm(host.host), guard, deadlineMs: CONFIRM_MS }
      return (await this.#persist(host, program)) || 'it stays'
    })
  }

  /** Over a new connection each time, until the host is reached and free, or has had the time to help itself. */
  async #persist({ host }: HostRun, program: Attempt): Promise<string> {
    const { reach, abandon, now, patienceMs } = this.#settings
    const until = now() + patienceMs
    for (;;) {
      try {
        return await runOverFreshConnection({ host, reach, ...program, signal: abandon })
      } catch (error) {
        if (!mayPass(error) || abandon.aborted || now() > until) throw error
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  }
}

/** A host that cannot be reached may be soon, and one at which something is at work will be done. */
function mayPass(error: unknown): boolean {
  return error instanceof HostBusy || isUnreachable(error)
}
