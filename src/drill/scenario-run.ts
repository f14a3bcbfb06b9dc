import type { Guard } from '../engine/guard.js'
import { runOverFreshConnection } from '../engine/fresh-program.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { STATE } from '../model/state-paths.js'
import { passOn } from '../release/hand-over.js'
import type { Script } from '../shell/script.js'
import { allOf } from '../engine/all-of.js'
import { armScript, disturbScript, type Arming } from './arming.js'
import { toldTime } from './clock-offset.js'
import type { DrillOptions } from './drill-settings.js'
import type { DrillEvent, ScenarioReport } from './report.js'
import { Outside } from './outside.js'
import { ScenarioRecord } from './scenario-record.js'
import type { Disturbance, Scenario } from './scenarios/scenario.js'
import type { SteadyState } from './steady-state.js'
import { undoOn } from './undo.js'
import { keepVigil } from './vigil.js'
import { Watch } from './watch.js'

/** What a scenario needs of the drill that it is part of. */
export interface ScenarioOptions extends DrillOptions {
  readonly steady: SteadyState
  /** How many scenarios of the drill were before. */
  readonly serial: number
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
  hasFailed = false
  readonly #scenario: Scenario
  readonly #options: ScenarioOptions
  readonly #record: ScenarioRecord
  readonly #watch: Watch
  readonly #disturbed: readonly Host[]
  /** When hosts undo it alone, in words; null before they are armed. */
  #due: string | null = null

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
      requireHolder(holder, watch)
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
    this.#due = this.#dueText()
    await this.#onDisturbed((host) => this.#change(host, armScript(this.#armingOf(host))))
    for (const { name } of this.#disturbed) this.#tell(`armed: undoes it alone ${this.#due}`, { host: name })
  }

  /** Makes the fault. @throws GwError NOT_STEADY when the virtual IP has moved since, or as hosts do */
  async disturb(): Promise<void> {
    requireHolder(this.#record.holderBefore, this.#watch)
    if (this.#scenario.reboots) for (const { name } of this.#disturbed) this.#options.letGoDown(name)
    // Before the fault: its outage may be over before the host has said that it is made.
    this.#watch.measurement.watchOutage(this.#options.settings.maxOutageMs)
    const since = Date.now()
    const ends = await Promise.allSettled(this.#disturbed.map((host) => this.#disturbHost(host)))
    // Where a host is lost in the middle of it, the fault may be there.
    const began = ends.flatMap((end) =>
      end.status === 'fulfilled' ? [end.value] : isRefused(end.reason) ? [] : [since],
    )
    if (began.length > 0) this.#record.disturbedAt = Math.min(...began)
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    this.#tell(`disturbed: ${this.#scenario.summary}`, { at: this.#record.disturbedAt ?? since })
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

  /** Undoes what was armed, unless the hosts have done so by themselves. @throws GwError DRILL_NOT_UNDONE, INTERRUPTED */
  async undo(): Promise<void> {
    if (this.#due === null) return
    const { run, serial, reach, settings, abandon: signal } = this.#options
    const ms = this.#scenario.reboots ? BOOT_MS : settings.undoAfterMs + PROGRAM_MS
    const options = { run, serial, reach, ms, signal, due: this.#due }
    const by = await this.#onDisturbed((host) => undoOn(host, options))
    this.#record.undone(by)
    this.#tell(
      this.#record.undoneBy === null
        ? 'nothing is armed any more'
        : `undone by ${[...new Set(by)].join(' and ')}`,
    )
    if (this.#scenario.reboots) await this.#options.lockAnew()
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

  /** Brings the virtual IP back to the gateway that had it, where that is wanted and all is well. */
  async failBack(): Promise<void> {
    const { settings, hosts, gateway } = this.#options
    const { holderBefore, holderAfter, aborted } = this.#record
    const holder = hosts.find(({ name }) => name === holderAfter)
    const isWanted = settings.failback && aborted === null && this.isSteady
    if (!isWanted || holder === undefined || holderAfter === holderBefore) return
    this.#tell('failback: is to give the virtual IP away', { host: holder.name })
    await this.#change(holder, passOn(gateway.virtualIp.address))
    await this.steadyAgain()
    this.#record.failedBack()
  }

  /** Whether all was well again in the end. */
  get isSteady(): boolean {
    return this.#record.holderAfter !== null && this.#record.unsteady.length === 0
  }

  /** Whether a fault may have been made that is not undone. */
  get isOpen(): boolean {
    return this.#due !== null && this.#record.undoneAt === null
  }

  /** Something went wrong of which the report is to tell; what went wrong first counts. */
  fail(error: unknown): void {
    this.hasFailed = true
    this.#record.aborted ??= error instanceof GwError ? error.message : 'a fault of gw itself'
  }

  /** Ends the measuring, and tells everything. */
  async report(): Promise<ScenarioReport> {
    const since = this.#record.disturbedAt
    const [measured, { seen, clocks, failures }] = await Promise.all([
      this.#watch.measurement.finish(since === null ? {} : { since }),
      this.#watch.sampler.stop(),
    ])
    for (const failure of failures) this.fail(failure)
    return this.#record.report(measured, seen, clocks)
  }

  /** Ends what still runs; does nothing to a scenario that has told its report. */
  async close(): Promise<void> {
    await this.#watch.close()
  }

  /** Answers when it began, by this machine's clock. */
  async #disturbHost(host: Host): Promise<number> {
    const asked = Date.now()
    const script = disturbScript(this.#armingOf(host), this.#disturbanceOn(host).disturb)
    const told = toldTime((await this.#change(host, script)).split('\n').at(-1) ?? '')
    const at = told === null ? asked : this.#watch.sampler.here(host.name, told)
    // Neither before it was asked to, nor after it has said so, whatever its clock says.
    return Math.min(Math.max(at, asked), Date.now())
  }

  #dueText(): string {
    if (this.#scenario.reboots) return 'when it has booted'
    const { undoAfterMs } = this.#options.settings
    const due = new Date(Date.now() + undoAfterMs).toISOString().slice(11, 19)
    return `at ${due} UTC, in ${undoAfterMs / 1000} s`
  }

  #armingOf(host: Host): Arming {
    const { run, serial, settings } = this.#options
    const undoAfterSeconds = Math.ceil((this.#scenario.reboots ? BOOT_MS : settings.undoAfterMs) / 1000)
    const { undo } = this.#disturbanceOn(host)
    return { run, serial, scenario: this.#scenario.name, undo, undoAfterSeconds, paths: STATE }
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
  #onDisturbed<Result>(work: (host: Host) => Promise<Result>): Promise<Result[]> {
    return allOf(this.#disturbed.map(work))
  }

  #tell(text: string, where: Partial<Pick<DrillEvent, 'host' | 'at'>> = {}): void {
    this.#options.listener.event(this.#record.step(text, where))
  }
}

/** Whether a host says that it was not disturbed, or not whole. */
function isRefused(error: unknown): boolean {
  return error instanceof GwError && ['TASK_FAILED', 'LOCK_LOST'].includes(error.code)
}

/** What is disturbed is the gateway that was seen with the virtual IP, some seconds ago. @throws GwError NOT_STEADY */
function requireHolder(holder: string, { sampler }: Watch): void {
  const holders = [...sampler.holders]
  if (holders.length === 1 && holders[0] === holder) return
  const who = holders.length === 0 ? 'nobody' : holders.join(' and ')
  throw new GwError('NOT_STEADY', `the virtual IP has gone from ${holder} meanwhile: ${who} has it now`, {
    nextSteps: ['gw health ENV says whether all is well.', 'The same command begins anew.'],
  })
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
