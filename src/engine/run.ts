import { randomBytes } from 'node:crypto'
import pLimit from 'p-limit'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { batches } from './batches.js'
import type { EventSink } from './events.js'
import { HostRun } from './host-run.js'
import { countChanges, type FleetPlan, type HostPlan } from './plan.js'
import { takesPart, type Play, type Playbook } from './playbook.js'
import type { HostReport, RunReport } from './report.js'
import { HostSession, type Reach } from './session.js'

/** How long facts are taken for true while a person thinks about the plan. */
const FACTS_LAST_MS = 2000

export interface RunOptions {
  readonly inventory: Inventory
  /** Hosts that may be touched; the plays choose among them. */
  readonly hosts: readonly Host[]
  readonly reach: Reach
  /** How many hosts are worked on at once. */
  readonly forks: number
  /** Plan only. */
  readonly check: boolean
  /** Asked once, with the whole plan, before anything changes. */
  readonly approve: (plan: FleetPlan) => Promise<boolean>
  readonly emit: EventSink
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Stops the run at the next safe point. */
  readonly stop: AbortSignal
  /** Ends the run at once, whatever is running. */
  readonly abandon: AbortSignal
}

/** Runs a playbook: gathers all facts, plans, asks, then changes play by play and batch by batch. */
export async function runPlaybook(playbook: Playbook, options: RunOptions): Promise<RunReport> {
  const run = new FleetRun(playbook, options)
  try {
    return await run.go()
  } finally {
    await run.close()
  }
}

class FleetRun {
  readonly #id = randomBytes(4).toString('hex')
  readonly #playbook: Playbook
  readonly #options: RunOptions
  readonly #sessions: readonly HostSession[]
  readonly #hosts: readonly HostRun[]
  #declined = false

  constructor(playbook: Playbook, options: RunOptions) {
    this.#playbook = playbook
    this.#options = options
    const taking = options.hosts.filter((host) => playbook.plays.some((play) => takesPart(play, host)))
    this.#sessions = taking.map((host) => new HostSession(host, options.reach))
    this.#hosts = this.#sessions.map((session) => this.#hostRun(session, taking))
  }

  async go(): Promise<RunReport> {
    const { check, emit, now } = this.#options
    const begin = now()
    emit({
      type: 'run.started',
      playbook: this.#playbook.name,
      hosts: this.#hosts.map(({ name }) => name),
      check,
    })
    await this.#each(this.#hosts, (host) => host.gather(this.#options.stop))
    const plans = await this.#plan()
    emit({ type: 'plan.ready', plan: { hosts: plans } })
    if (!check && (await this.#mayChange(plans))) await this.#change()
    const hosts = this.#hosts.map((host) => this.#reportOf(host, plans))
    const interrupted = this.#options.stop.aborted
    return { run: this.#id, check, interrupted, declined: this.#declined, hosts, ms: now() - begin }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close()))
  }

  #hostRun(session: HostSession, taking: readonly Host[]): HostRun {
    const { inventory, emit, now, stop, abandon } = this.#options
    const plays = this.#playbook.plays
      .filter((play) => takesPart(play, session.host))
      .map((play) => {
        const context = {
          inventory,
          host: session.host,
          hosts: taking.filter((host) => takesPart(play, host)),
        }
        return { play, tasks: play.tasks(context), last: play.last?.(context) ?? null }
      })
    return new HostRun(session, plays, { emit, now, stop, abandon, stopPath: `/tmp/.gw-stop-${this.#id}` })
  }

  async #plan(): Promise<readonly HostPlan[]> {
    const plans = await Promise.all(this.#hosts.map((host) => host.plan()))
    return plans.filter((plan) => plan !== null)
  }

  /** One host that cannot be reached or cannot be changed stops the run before it changes any other. */
  async #mayChange(plans: readonly HostPlan[]): Promise<boolean> {
    const { stop, approve, now } = this.#options
    if (stop.aborted || this.#hosts.some((host) => host.hasFailed())) return false
    const changing = plans.some((plan) => countChanges(plan.plays) > 0)
    if (!changing) return true
    const asked = now()
    this.#declined = !(await approve({ hosts: plans }))
    // A question may stand for an hour; what was seen before it is not what is there now.
    if (now() - asked > FACTS_LAST_MS) for (const host of this.#hosts) host.distrustFacts()
    return !this.#declined
  }

  async #change(): Promise<void> {
    const stopHosts = (): void => {
      this.#options.emit({ type: 'run.stopping' })
      // A host that cannot be told to stop is one whose run ends by its own error.
      void Promise.allSettled(this.#hosts.filter((host) => host.changing).map((host) => host.stop()))
    }
    this.#options.stop.addEventListener('abort', stopHosts, { once: true })
    try {
      for (const play of this.#playbook.plays) {
        if (!(await this.#changePlay(play))) return
      }
    } finally {
      this.#options.stop.removeEventListener('abort', stopHosts)
    }
  }

  /** False when the run must not go on after this play. */
  async #changePlay(play: Play): Promise<boolean> {
    const { emit } = this.#options
    const taking = this.#hosts.filter((host) => host.takesPartIn(play))
    // Who comes last must be true when the play begins: the virtual IP may have moved since the facts were gathered.
    if (play.last !== undefined) await this.#each(taking, (host) => host.refresh())
    if (taking.some((host) => host.hasFailed())) return false
    const last = new Set(taking.filter((host) => host.comesLast(play)).map(({ name }) => name))
    const portions = batches(
      taking.map(({ name }) => name),
      last,
      play.serial,
    )
    const changes = taking.reduce((sum, host) => sum + host.changesIn(play), 0)
    emit({ type: 'play.started', play: play.name, changes, batches: portions })
    const whole = await this.#changeBatches(play, taking, portions)
    emit({ type: 'play.ended', play: play.name })
    return whole
  }

  async #changeBatches(
    play: Play,
    taking: readonly HostRun[],
    portions: readonly (readonly string[])[],
  ): Promise<boolean> {
    for (const portion of portions) {
      if (this.#options.stop.aborted) return false
      const batch = taking.filter(({ name }) => portion.includes(name))
      await this.#each(batch, (host) => host.apply(play))
      if (batch.some((host) => host.hasFailed())) return false
    }
    return !this.#options.stop.aborted
  }

  async #each(hosts: readonly HostRun[], work: (host: HostRun) => Promise<void>): Promise<void> {
    const limit = pLimit(this.#options.forks)
    await Promise.all(hosts.map((host) => limit(() => work(host))))
  }

  #reportOf(host: HostRun, plans: readonly HostPlan[]): HostReport {
    const plan = plans.find((candidate) => candidate.host === host.name)
    return this.#options.check && plan !== undefined ? host.foresee(plan) : host.report()
  }
}
