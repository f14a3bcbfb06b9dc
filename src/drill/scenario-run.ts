import type { Guard } from '../engine/guard.js'
import { runOverFreshConnection } from '../engine/fresh-program.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { STATE } from '../model/state-paths.js'
import { passOn } from '../release/hand-over.js'
import { sh, type Script } from '../shell/script.js'
import { armScript, disturbScript, type Arming } from './arming.js'
import type { DrillOptions } from './drill-settings.js'
import type { DrillEvent, ScenarioReport } from './report.js'
import { Outside } from './outside.js'
import { ScenarioRecord } from './scenario-record.js'
import type { Disturbance, Scenario } from './scenarios/scenario.js'
import type { SteadyState } from './steady-state.js'
import { awaitBoot, undoOn } from './undo.js'
import { keepVigil } from './vigil.js'
import { Watch } from './watch.js'

/** What a scenario needs of the drill that it is part of. */
export interface ScenarioOptions extends DrillOptions {
  readonly steady: SteadyState
  /** Fires when the drill may change its hosts no longer. */
  readonly lost: () => AbortSignal
  readonly guardOf: (host: string) => Guard
  /** Nobody renews the lease of a host that goes down. */
  readonly letGoDown: (host: string) => void
  readonly lockAnew: () => Promise<void>
}

/** For how long requests are answered without a failure before something is done, and afterwards. */
const CLEAN_MS = 2000

/** How long it may take until they are. */
const CLEAN_WITHIN_MS = 20_000

/** What a program on a host may take that makes or undoes a fault. */
const PROGRAM_MS = 20_000

/** What a host may take to boot. */
const BOOT_MS = 10 * 60_000

/** What all may take to be steady again. */
const STEADY_WITHIN_MS = 60_000

/** One scenario: from all being steady until all is steady again. Somebody must `close` it in the end. */
export class ScenarioRun {
  readonly #scenario: Scenario
  readonly #options: ScenarioOptions
  readonly #record: ScenarioRecord
  readonly #watch: Watch
  readonly #disturbed: readonly Host[]
  #isArmed = false

  private constructor(scenario: Scenario, options: ScenarioOptions, holder: string, watch: Watch) {
    const { hosts, settings } = options
    this.#scenario = scenario
    this.#options = options
    this.#watch = watch
    this.#disturbed = scenario.on === 'holder' ? hosts.filter(({ name }) => name === holder) : hosts
    const names = this.#disturbed.map(({ name }) => name)
    this.#record = new ScenarioRecord(scenario, names, holder, settings.maxOutageMs)
  }

  /** Answers once all is steady, and clients have been answered for a while. @throws GwError PEER_UNFIT, NOT_STEADY */
  static async begin(scenario: Scenario, options: ScenarioOptions): Promise<ScenarioRun> {
    const { steady, target, stop } = options
    const holder = await steady.require()
    const watch = await Watch.begin(holder, options)
    const { measurement } = watch
    try {
      if (!measurement.isReached) throw unreached(target.address, options.prober)
      const isClean = await measurement.clean(CLEAN_MS, { withinMs: CLEAN_WITHIN_MS, signal: stop })
      if (!isClean) throw unclean(stop)
    } catch (error) {
      await watch.close()
      throw error
    }
    const run = new ScenarioRun(scenario, options, holder, watch)
    run.#tell(`steady: ${holder} has the virtual IP`)
    return run
  }

  /** Has the hosts undo by themselves what is about to be done. */
  async arm(): Promise<void> {
    const { undoAfterMs } = this.#options.settings
    this.#isArmed = true
    await this.#onDisturbed((host) => this.#change(host, armScript(this.#armingOf(host))))
    const due = new Date(Date.now() + undoAfterMs).toISOString().slice(11, 19)
    const when = this.#scenario.reboots ? 'when it has booted' : `at ${due} UTC, in ${undoAfterMs / 1000} s`
    for (const { name } of this.#disturbed) this.#tell(`armed: undoes it alone ${when}`, { host: name })
  }

  /** Makes the fault. */
  async disturb(): Promise<void> {
    if (this.#scenario.reboots) for (const { name } of this.#disturbed) this.#options.letGoDown(name)
    // Where a host is lost in the middle of it, the fault may be there.
    this.#record.disturbedAt = Date.now()
    const began = await this.#onDisturbed((host) => this.#disturbHost(host))
    const at = Math.min(...began)
    this.#record.disturbedAt = at
    this.#tell(`disturbed: ${this.#scenario.summary}`, { at })
  }

  /** Waits until what was expected has happened, or the fault must end. */
  async watch(): Promise<void> {
    const { settings, stop, lost } = this.#options
    const { holdMs, maxOutageMs } = settings
    const { hosts, holderBefore: before } = this.#record
    const { measurement, sampler } = this.#watch
    const outside = new Outside(this.#scenario, hosts, this.#options)
    try {
      this.#record.aborted = await keepVigil({
        ...{ expects: this.#scenario.expects, before, measurement, holdMs, maxOutageMs, stop, lost: lost() },
        holders: () => sampler.holders,
        troubles: () => outside.troubles(),
      })
    } finally {
      // What it still waits for holds up no undo.
      void outside.close()
    }
    if (this.#record.aborted !== null) this.#tell(`aborted: ${this.#record.aborted}`)
  }

  /** Undoes what was armed, unless the hosts have done so by themselves. @throws GwError DRILL_NOT_UNDONE */
  async undo(): Promise<void> {
    if (!this.#isArmed) return
    const { run, reach, settings, abandon: signal } = this.#options
    const isDown = this.#scenario.reboots && this.#record.disturbedAt !== null
    const ms = isDown ? BOOT_MS : settings.undoAfterMs + PROGRAM_MS
    const by = await this.#onDisturbed((host) =>
      (isDown ? awaitBoot : undoOn)(host, { run, reach, ms, signal }),
    )
    this.#record.undoneAt = Date.now()
    this.#record.undoneBy = by.find((each) => each !== 'gw') ?? 'gw'
    this.#tell(`undone by ${this.#record.undoneBy === 'gw' ? 'gw' : `the ${this.#record.undoneBy}`}`)
    if (isDown) await this.#options.lockAnew()
  }

  /** Waits until all is steady again, and clients are answered. */
  async steadyAgain(): Promise<void> {
    const { steady, abandon: signal } = this.#options
    const { holder, reasons } = await steady.await(STEADY_WITHIN_MS)
    const isClean = await this.#watch.measurement.clean(CLEAN_MS, { withinMs: CLEAN_WITHIN_MS, signal })
    this.#record.holderAfter = holder
    this.#record.unsteady = [
      ...reasons.map((reason) => `it was not steady again: ${reason}`),
      ...(isClean ? [] : ['requests failed after the undo as well']),
    ]
    if (this.#record.unsteady.length === 0) this.#tell(`steady again: ${String(holder)} has the virtual IP`)
  }

  /** Brings the virtual IP back to the gateway that had it, where that is wanted. */
  async failBack(): Promise<void> {
    const { settings, hosts, gateway } = this.#options
    const { holderBefore, holderAfter, unsteady } = this.#record
    const holder = hosts.find(({ name }) => name === holderAfter)
    if (!settings.failback || unsteady.length > 0 || holder === undefined || holderAfter === holderBefore)
      return
    await this.#change(holder, passOn(gateway.virtualIp.address))
    this.#tell(`failback: gives the virtual IP to ${holderBefore}`, { host: holder.name })
    await this.steadyAgain()
  }

  /** Whether a fault may have been made that is not undone. */
  get isOpen(): boolean {
    return this.#isArmed && this.#record.undoneAt === null
  }

  /** Something went wrong of which the report is to tell; what went wrong first counts. */
  fail(error: unknown): void {
    this.#record.aborted ??= error instanceof GwError ? error.message : 'a fault of gw itself'
  }

  /** Ends the measuring, and tells everything. */
  async report(): Promise<ScenarioReport> {
    const since = this.#record.disturbedAt
    const [measured, { seen, clocks }] = await Promise.all([
      this.#watch.measurement.finish(since === null ? {} : { since }),
      this.#watch.sampler.stop(),
    ])
    return this.#record.report(measured, seen, clocks)
  }

  /** Ends what still runs; does nothing to a scenario that has told its report. */
  async close(): Promise<void> {
    await this.#watch.close()
  }

  /** Answers when it began, by this machine's clock. */
  async #disturbHost(host: Host): Promise<number> {
    const fault = disturbScript(this.#armingOf(host), this.#disturbanceOn(host).disturb)
    const script = sh`
      date +%s.%N
      ${fault}`
    const [begun] = (await this.#change(host, script)).split('\n')
    return this.#watch.sampler.here(host.name, Number(begun) * 1000)
  }

  #armingOf(host: Host): Arming {
    const { run, settings } = this.#options
    const undoAfterSeconds = Math.ceil((this.#scenario.reboots ? BOOT_MS : settings.undoAfterMs) / 1000)
    const { undo } = this.#disturbanceOn(host)
    return { run, scenario: this.#scenario.name, undo, undoAfterSeconds, paths: STATE }
  }

  #disturbanceOn(host: Host): Disturbance {
    const { gateway, hosts } = this.#options
    return this.#scenario.disturbanceOn({ gateway, host, peers: hosts.filter((other) => other !== host) })
  }

  #change(host: Host, script: Script): Promise<string> {
    const { reach, guardOf, stop: signal } = this.#options
    const guard = guardOf(host.name)
    return runOverFreshConnection({ host, reach, script, guard, deadlineMs: PROGRAM_MS, signal })
  }

  /** On all hosts at once; each is waited for, before one that failed ends it. */
  async #onDisturbed<Result>(work: (host: Host) => Promise<Result>): Promise<Result[]> {
    const ends = await Promise.allSettled(this.#disturbed.map(work))
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason
      return end.value
    })
  }

  #tell(text: string, where: Partial<Pick<DrillEvent, 'host' | 'at'>> = {}): void {
    this.#options.listener.event(this.#record.step(text, where))
  }
}

function unreached(address: string, prober: Host | null): GwError {
  const who = prober === null ? 'this machine' : prober.name
  return new GwError('NOT_STEADY', `${who} does not reach ${address}, so nothing could be measured`, {
    nextSteps: [
      `--from HOST asks it from ${prober === null ? 'a' : 'another'} host of the fleet.`,
      'gw health ENV says whether it is served.',
    ],
  })
}

function unclean(stop: AbortSignal): GwError {
  if (stop.aborted)
    return new GwError('INTERRUPTED', 'interrupted before anything was disturbed', {
      nextSteps: ['The same command begins anew.'],
    })
  return new GwError('NOT_STEADY', 'requests fail though nothing is disturbed', {
    nextSteps: ['gw health ENV says what helps.'],
  })
}
