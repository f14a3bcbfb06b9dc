import pLimit from 'p-limit'
import type { Answers, Question } from '../facts/fact.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { Changes } from './changes.js'
import { HostRun, type HostPlay } from './host-run.js'
import { planHash } from './plan-hash.js'
import { countChanges, type HostPlan } from './plan.js'
import { takesPart, type Play, type Playbook, type Procedure, type SurveyedPlaybook } from './playbook.js'
import type { HostReport, RunReport } from './report.js'
import type { RolloutEnd } from './rollout-end.js'
import { RunLock, type RunIntent } from './run-lock.js'
import type { RunOptions } from './run-options.js'
import { HostSession } from './session.js'

/** How long facts are taken for true while a person thinks about the plan. */
const FACTS_LAST_MS = 2000

/**
 * Runs a playbook: gathers all facts, plans, asks, takes the lock of every host, then changes play by play and batch by
 * batch.
 * @throws GwError LOCK_HELD, and what a surveyed playbook says of hosts on which it cannot be done
 */
export async function runPlaybook(
  playbook: Playbook | SurveyedPlaybook,
  options: RunOptions,
): Promise<RunReport> {
  const run = new FleetRun(playbook, options)
  try {
    return await run.go()
  } finally {
    await run.close()
  }
}

class FleetRun {
  readonly #playbook: Playbook | SurveyedPlaybook
  readonly #options: RunOptions
  readonly #hosts: readonly HostRun[]
  readonly #lock: RunLock | null
  #plays: readonly Play[] = []
  #procedure: Procedure | null = null
  #declined = false
  #end: RolloutEnd = 'untouched'

  constructor(playbook: Playbook | SurveyedPlaybook, options: RunOptions) {
    this.#playbook = playbook
    this.#options = options
    const { run, emit, now, stop, abandon, lock, reach } = options
    this.#lock = lock === null ? null : new RunLock({ run, settings: lock, emit, now, signal: stop })
    const wanted = 'plays' in playbook ? playbook.plays : [playbook]
    const taking = options.hosts.filter((host) => wanted.some((play) => takesPart(play, host)))
    const settings = { emit, now, stop, abandon, stopPath: `/tmp/.gw-stop-${run}` }
    this.#hosts = taking.map((host) => {
      const guard = () => this.#lock?.guardOf(host.name) ?? null
      return new HostRun(new HostSession(host, reach), { ...settings, guard })
    })
  }

  async go(): Promise<RunReport> {
    const { run, check, emit, now, stop } = this.#options
    const begin = now()
    const hosts = this.#hosts.map(({ name }) => name)
    emit({ type: 'run.started', run, playbook: this.#playbook.name, hosts, check })
    let plans = await this.#prepare()
    if (!check && (await this.#mayChange(plans))) plans = await this.#change(plans)
    return {
      run,
      check,
      interrupted: stop.aborted,
      declined: this.#declined,
      release: this.#procedure?.release ?? null,
      before: this.#procedure?.before ?? {},
      end: this.#end,
      hosts: this.#hosts.map((host) => this.#reportOf(host, plans)),
      ms: now() - begin,
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map(({ session }) => session.close()))
  }

  /** Everything up to the plan: facts, for a surveyed playbook the plays, the decisions. */
  async #prepare(): Promise<readonly HostPlan[]> {
    const { stop, emit } = this.#options
    this.#plays = 'plays' in this.#playbook ? this.#playbook.plays : await this.#survey(this.#playbook)
    for (const host of this.#hosts) host.takeOn(this.#hostPlays(host.host))
    await this.#each((host) => host.gather(stop, this.#lockQuestions()))
    const plans = (await Promise.all(this.#hosts.map((host) => host.plan()))).filter((plan) => plan !== null)
    emit({ type: 'plan.ready', plan: { hosts: plans } })
    return plans
  }

  async #survey(playbook: SurveyedPlaybook): Promise<readonly Play[]> {
    const { stop } = this.#options
    for (const host of this.#hosts) host.takeOn([])
    const { inventory } = this.#options
    const hosts = this.#hosts.map(({ host }) => host)
    await this.#each((run) => {
      const questions = playbook.questions({ inventory, host: run.host, hosts })
      return run.gather(stop, [...questions, ...this.#lockQuestions()])
    })
    const seen = this.#hosts.flatMap(({ name, answers }): [string, Answers][] =>
      answers === undefined ? [] : [[name, answers]],
    )
    // Of hosts that did not answer at all there is nothing to be decided; their errors are told.
    if (seen.length === 0) return []
    this.#procedure = playbook.procedure(new Map(seen))
    return this.#procedure.plays
  }

  #lockQuestions(): Question<unknown>[] {
    return this.#lock === null ? [] : [this.#lock.question]
  }

  #hostPlays(host: Host): HostPlay[] {
    const taking = this.#hosts.map((other) => other.host)
    return this.#plays
      .filter((play) => takesPart(play, host))
      .map((play) => {
        const hosts = taking.filter((other) => takesPart(play, other))
        const context = { inventory: this.#options.inventory, host, hosts }
        return { play, tasks: play.tasks(context), last: play.last?.(context) ?? null }
      })
  }

  /** One host that cannot be reached or cannot be changed stops the run before it changes any other. */
  async #mayChange(plans: readonly HostPlan[]): Promise<boolean> {
    const { stop, approve, now } = this.#options
    if (stop.aborted || this.#hosts.some((host) => host.hasFailed())) return false
    if (!isChanging(plans)) return true
    this.#lock?.refuseHeld(this.#hosts)
    const asked = now()
    this.#declined = !(await approve({ hosts: plans }))
    // A question may stand for an hour; what was seen before it is not what is there now.
    if (now() - asked > FACTS_LAST_MS) this.#distrustFacts()
    return !this.#declined
  }

  /** Answers the plan that was carried out: another one when hosts changed between the first look and the lock. */
  async #change(plans: readonly HostPlan[]): Promise<readonly HostPlan[]> {
    const lock = isChanging(plans) || this.#settles() ? this.#lock : null
    const changes = new Changes(this.#hosts, lock, this.#options)
    if (lock === null) {
      await changes.make(this.#plays)
      return plans
    }
    const { disturbed } = await lock.take(this.#hosts, this.#intent(plans))
    let made = false
    try {
      if (!disturbed) {
        made = await this.#make(changes, lock)
        return plans
      }
      this.#distrustFacts()
      this.#noteTakeovers(lock)
      const anew = await this.#prepare()
      if (!(await this.#mayGoOn(plans, anew))) return anew
      await lock.retake(this.#hosts, this.#intent(anew))
      made = await this.#make(changes, lock)
      return anew
    } finally {
      await lock.letGo({ end: this.#end, hosts: this.#hosts, went: made })
    }
  }

  /** Nobody is asked twice about the same plan. */
  async #mayGoOn(before: readonly HostPlan[], anew: readonly HostPlan[]): Promise<boolean> {
    const [old, now] = [before, anew].map((hosts) => planHash({ hosts }))
    if (old !== now) return this.#mayChange(anew)
    return !this.#options.stop.aborted && !this.#hosts.some((host) => host.hasFailed())
  }

  /** Taking a lock over undoes what its run had not confirmed: that is a change of this run's. */
  #noteTakeovers(lock: RunLock): void {
    for (const { host, holder } of lock.takenOver) {
      const undone = this.#procedure?.unconfirmed?.[host]
      const run = this.#hosts.find(({ name }) => name === host)
      if (undone !== undefined)
        run?.note(`End run ${holder.run}`, `${undone} was taken back: nobody had confirmed it`)
    }
  }

  /**
   * Answers whether all went well. A run that lost its locks has failed, even when no program of its own came to be
   * refused.
   */
  async #make(changes: Changes, lock: RunLock): Promise<boolean> {
    this.#end = await changes.make(this.#plays)
    const lost: unknown = lock.lost?.reason
    if (this.#end !== 'confirmed' && lost instanceof GwError) {
      const host = this.#hosts.find(({ name }) => name === lost.host)
      if (host?.hasFailed() === false) host.fail(lost)
    }
    return !this.#options.stop.aborted && !this.#hosts.some((each) => each.hasFailed())
  }

  #intent(hosts: readonly HostPlan[]): RunIntent {
    return { procedure: this.#procedure, plan: { hosts } }
  }

  /** Whether locks are taken where nothing is to be changed: one that a dead run left says that something is open. */
  #settles(): boolean {
    if (this.#procedure === null) return false
    return this.#procedure.settles === true || this.#lock?.isLeftOn(this.#hosts) === true
  }

  #distrustFacts(): void {
    for (const host of this.#hosts) host.distrustFacts()
  }

  async #each(work: (host: HostRun) => Promise<void>): Promise<void> {
    const limit = pLimit(this.#options.forks)
    await Promise.all(this.#hosts.map((host) => limit(() => work(host))))
  }

  #reportOf(host: HostRun, plans: readonly HostPlan[]): HostReport {
    const plan = plans.find((candidate) => candidate.host === host.name)
    return this.#options.check && plan !== undefined ? host.foresee(plan) : host.report()
  }
}

function isChanging(plans: readonly HostPlan[]): boolean {
  return plans.some((plan) => countChanges(plan.plays) > 0)
}
