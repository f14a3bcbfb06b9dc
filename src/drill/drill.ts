import { gather } from '../engine/gather.js'
import { FleetLock, type LockOptions } from '../engine/lock/fleet-lock.js'
import { runOverFreshConnection } from '../engine/fresh-program.js'
import { HostSession } from '../engine/session.js'
import { GwError } from '../errors.js'
import { drillState, type DrillState } from '../facts/drill-state.js'
import { ask } from '../facts/fact.js'
import { planHandover, type Handover } from '../failover/plan-handover.js'
import type { Host } from '../model/host.js'
import type { Holder } from '../model/lock.js'
import { STATE } from '../model/state-paths.js'
import { audit } from '../operations/audit.js'
import { drillWords } from '../release/fleet-drills.js'
import { seenIn, sightQuestions, type Seen } from '../release/peer-sight.js'
import { cleanLine } from '../shell/clean.js'
import { lines, sh } from '../shell/script.js'
import type { DrillOptions } from './drill-settings.js'
import type { ScenarioReport } from './report.js'
import { ScenarioRun } from './scenario-run.js'
import type { Scenario } from './scenarios/scenario.js'
import { SteadyState } from './steady-state.js'

/** How long a host may take to say that a scenario can be run on it. */
const READY_MS = 20_000

/** What to type where a drill before has left its fault. */
const ENDS_DRILLS = [
  'gw abort ENV ends a drill that lost its gw, and has its hosts undo what it did at once.',
  'gw status ENV shows when they do it alone.',
]

/** What a drill finds before it begins. */
export interface DrillPlan extends Handover {
  /** What drills before have left, by the host's name. */
  readonly drills: Readonly<Record<string, DrillState>>
}

/** A drill on the gateways of an environment, which has them for itself once it has taken their locks. */
export class Drill {
  readonly options: DrillOptions
  /** Of the scenarios that were begun. */
  readonly reports: ScenarioReport[] = []
  readonly #sessions: readonly HostSession[]
  readonly #steady: SteadyState
  #lock: FleetLock | null = null
  /** Whether a fault is not undone. */
  #isOpen = false
  /** Whether all was well after the last scenario. */
  #isSteady = true

  constructor(options: DrillOptions) {
    this.options = options
    this.#sessions = options.hosts.map((host) => new HostSession(host, options.reach))
    this.#steady = new SteadyState(options, this.#sessions)
  }

  get scenarios(): readonly Scenario[] {
    return this.options.scenarios
  }

  /**
   * Looks whether the drill can begin, and changes nothing: one gateway has the virtual IP, another one can take it, and every
   * scenario can be run where it may have to be.
   * @throws GwError PEER_UNFIT, TASK_BLOCKED where a scenario cannot be run, or why a host cannot be asked
   */
  async plan(): Promise<DrillPlan> {
    const { gateway, stop } = this.options
    const left = ask(drillState, { paths: STATE })
    const questions = [...Object.values(sightQuestions(gateway)), left]
    const asked = await Promise.all(
      this.#sessions.map(async (session) => {
        const answers = await gather(session, questions, stop)
        return { seen: seenIn(session.host.name, answers, gateway), left: answers.to(left) }
      }),
    )
    const drills = Object.fromEntries(asked.map(({ seen, left: state }) => [seen.name, state]))
    const handover = this.#handover(
      asked.map(({ seen }) => seen),
      drills,
    )
    await Promise.all(this.options.hosts.map((host) => this.#refuseUnready(host)))
    return { ...handover, drills }
  }

  /** Takes the lock of every gateway. @throws GwError LOCK_HELD */
  async lock(): Promise<void> {
    const { leaseMs, lockWaitMs } = this.options
    this.#lock = await this.#acquire({ leaseMs, waitMs: lockWaitMs, signal: this.options.stop })
  }

  /** Sees that all is steady, and begins to measure. @throws GwError PEER_UNFIT, NOT_STEADY */
  async begin(scenario: Scenario): Promise<ScenarioRun> {
    this.options.listener.scenario(scenario.name)
    return ScenarioRun.begin(scenario, {
      ...this.options,
      steady: this.#steady,
      serial: this.reports.length,
      lost: () => this.#locked.lost,
      guardOf: (host) => ({
        paths: STATE,
        fence: this.#locked.fenceOf(host),
        patienceSeconds: Math.ceil(this.options.leaseMs / 1000),
      }),
      letGoDown: (host) => {
        this.#locked.keepOf(host)
      },
      lockAnew: () => this.#lockAnew(),
    })
  }

  /** Ends a scenario, and keeps what is told of it, unless there is no time for that. */
  async end(scenario: ScenarioRun): Promise<void> {
    this.#isOpen ||= scenario.isOpen
    this.#isSteady = scenario.isSteady
    try {
      if (!this.options.abandon.aborted) this.reports.push(await scenario.report())
    } catch (error) {
      // What went wrong before is what is to be told.
      if (!scenario.hasFailed) throw error
    } finally {
      await scenario.close()
    }
  }

  /** Whether another scenario may follow: the last one was not aborted, and all is steady again. */
  get mayGoOn(): boolean {
    return this.#isSteady && this.reports.at(-1)?.verdict !== 'aborted'
  }

  /**
   * Lets the locks go, or leaves them as those of a run that did not end, where a fault is not undone. A host that cannot be
   * reached keeps its own until the lease is over.
   */
  async close(): Promise<void> {
    const { run } = this.options
    try {
      if (this.#isOpen) await this.#lock?.leave()
      else await this.#lock?.release(() => audit({ event: 'run.ended', run }))
    } finally {
      this.#lock = null
      await this.#steady.close()
      await Promise.all(this.#sessions.map((session) => session.close()))
    }
  }

  get #locked(): FleetLock {
    if (this.#lock === null) throw new Error('a drill without locks disturbs nothing')
    return this.#lock
  }

  /** Takes the locks anew, also that of a host which has booted, over connections that are new as well. */
  async #lockAnew(): Promise<void> {
    const { leaseMs } = this.options
    const before = this.#locked
    before.keep()
    for (const session of this.#sessions) session.drop()
    // Who stops a drill still wants its end.
    const { abandon: signal } = this.options
    this.#lock = await this.#acquire({ leaseMs, waitMs: 0, instead: before, signal })
  }

  /** A gateway that is not fit may be so by a drill before. */
  #handover(seen: readonly Seen[], drills: DrillPlan['drills']): Handover {
    const { gateway, run } = this.options
    try {
      return planHandover(seen, { gateway, run })
    } catch (error) {
      if (!(error instanceof GwError) || !Object.values(drills).some(({ armed }) => armed !== null))
        throw error
      const words = drillWords(drills)
      const { code, message, host, frame, nextSteps, cause } = error
      throw new GwError(code, message, {
        ...(host === undefined ? {} : { host }),
        frame: [...words.map(cleanLine), ...(frame === undefined ? [] : [frame])].join('\n'),
        nextSteps: [...ENDS_DRILLS, ...nextSteps],
        cause,
      })
    }
  }

  #acquire(lease: Pick<LockOptions, 'leaseMs' | 'waitMs' | 'instead' | 'signal'>): Promise<FleetLock> {
    const { run, by, command, reason, hosts, emit } = this.options
    const holder: Holder = {
      kind: 'run',
      ...{ run, by, command, reason },
      since: new Date().toISOString(),
      release: null,
      before: null,
      hosts: hosts.map(({ name }) => name),
    }
    const note = audit({ event: 'run.started', run, by, command, reason })
    const common = { holderOf: () => holder, emit, now: () => performance.now() }
    return FleetLock.acquire(this.#sessions, { ...common, ...lease, ...(lease.instead ? {} : { note }) })
  }

  async #refuseUnready(host: Host): Promise<void> {
    const { gateway, hosts, reach, scenarios, stop: signal } = this.options
    const peers = hosts.filter((other) => other !== host)
    const readies = scenarios.map((scenario) => scenario.disturbanceOn({ gateway, host, peers }).ready)
    const script = lines([sh`set -e`, ...readies.map(({ text }) => sh`sh -euc ${text}`)])
    try {
      await runOverFreshConnection({ host, reach, script, guard: null, deadlineMs: READY_MS, signal })
    } catch (error) {
      throw error instanceof GwError && error.code === 'TASK_FAILED' ? unready(error, host.name) : error
    }
  }
}

function unready({ frame }: GwError, host: string): GwError {
  return new GwError('TASK_BLOCKED', 'a scenario cannot be run here; nothing was changed', {
    host,
    ...(frame === undefined ? {} : { frame }),
    nextSteps: ['--scenario NAME runs only those that are named; --list explains them.'],
  })
}
