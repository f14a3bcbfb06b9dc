import { GwError } from '../errors.js'
import type { Answers, Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import { apply } from './apply.js'
import type { EventSink } from './events.js'
import { type GatheredAnswers, gather } from './gather.js'
import type { Guard } from './guard.js'
import { countChanges, planPlays, type HostPlan, type PlayPlan } from './plan.js'
import type { Play, Task } from './playbook.js'
import { Recorder, foreseen } from './recorder.js'
import { gravest, outcomeOfError, type HostReport, type TaskReport } from './report.js'
import type { HostSession } from './session.js'
import { NO_LISTENER } from '../shell/frames.js'
import { sh } from '../shell/script.js'

/** A play as it stands for one host. */
export interface HostPlay {
  readonly play: Play
  readonly tasks: readonly Task[]
  /** True puts the host at the end of the play's order. */
  readonly last: Question<boolean> | null
}

export interface HostRunSettings {
  readonly emit: EventSink
  readonly now: () => number
  readonly stopPath: string
  /** Once it fires, no further play is begun on the host. */
  readonly stop: AbortSignal
  /** Ends whatever runs on the host at once; the host is then in an unknown state. */
  readonly abandon: AbortSignal
  /** What its changing programs must pass, once the run has the host's lock. */
  readonly guard: () => Guard | null
}

/** One host on its way through a playbook: its facts, its plan, its changes, its report. */
export class HostRun {
  readonly session: HostSession
  #plays: readonly HostPlay[] = []
  readonly #settings: HostRunSettings
  readonly #reports: TaskReport[] = []
  /** What was done that is no task of a play: guards, proofs, confirmations. */
  readonly steps: TaskReport[] = []
  readonly #changed = new Set<string>()
  #answers: GatheredAnswers | undefined
  #stale = false
  #changing = false
  #error: GwError | undefined

  constructor(session: HostSession, settings: HostRunSettings) {
    this.session = session
    this.#settings = settings
  }

  get host(): Host {
    return this.session.host
  }

  get name(): string {
    return this.host.name
  }

  /** What the host has said so far; undefined before it was asked, and when it could not be. */
  get answers(): Answers | undefined {
    return this.#answers
  }

  /** The plays that it takes part in, which may depend on what it said first. */
  takeOn(plays: readonly HostPlay[]): void {
    this.#plays = plays
  }

  hasFailed(): boolean {
    return this.#error !== undefined
  }

  /** True while a program of changes runs on the host. */
  get changing(): boolean {
    return this.#changing
  }

  /** Asks for every fact of every play that is not known, in one round trip; a failure is kept as this host's error. */
  async gather(signal: AbortSignal, first: readonly Question<unknown>[] = []): Promise<void> {
    // One that could not be asked is not asked again: nobody should wait twice for a host that is down.
    if (this.hasFailed()) return
    const { emit, now } = this.#settings
    const begin = now()
    const questions = this.#plays.flatMap((play) => [
      ...play.tasks.flatMap((task) => task.operation.questions),
      ...(play.last === null ? [] : [play.last]),
    ])
    await this.#keepError(async () => {
      const known = this.#stale ? undefined : this.#answers
      this.#answers = await gather(this.session, [...first, ...questions], signal, known)
      this.#stale = false
      if (this.#answers !== known) emit({ type: 'host.gathered', host: this.name, ms: now() - begin })
    })
  }

  /** What every play will do here, by the facts as they stand; null when there are none. A blocked task is this host's error. */
  async plan(): Promise<HostPlan | null> {
    const answers = this.#answers
    if (answers === undefined) return null
    let plan: HostPlan | null = null
    await this.#keepError(() => {
      const plays = planPlays(this.#plays, answers)
      plan = { host: this.name, plays }
      for (const play of plays) refuseBlocked(this.name, play)
    })
    return plan
  }

  /** Facts from before now count no longer: time has passed, or something was changed. */
  distrustFacts(): void {
    this.#stale = true
  }

  /** Gathers anew what is no longer to be trusted. */
  async refresh(): Promise<void> {
    if (this.#stale && !this.hasFailed()) await this.gather(this.#settings.abandon)
  }

  takesPartIn(play: Play): boolean {
    return this.#find(play) !== undefined
  }

  comesLast(play: Play): boolean {
    const question = this.#find(play)?.last
    return question !== null && question !== undefined && this.#answers?.to(question) === true
  }

  /** How many changes a play would make here by the facts that were gathered last. */
  changesIn(play: Play): number {
    const answers = this.#answers
    const own = this.#find(play)
    return answers === undefined || own === undefined ? 0 : countChanges(planPlays([own], answers))
  }

  /** Makes the changes of one play. Facts from before an earlier play's changes are gathered anew first. */
  async apply(play: Play): Promise<void> {
    const { stop } = this.#settings
    const own = this.#find(play)
    // The host may have waited for its turn since the stop was asked for.
    if (own === undefined || this.hasFailed() || stop.aborted) return
    await this.refresh()
    const answers = this.#answers
    if (answers === undefined || this.hasFailed() || isAborted(stop)) return
    await this.#keepError(async () => {
      for (const plan of planPlays([own], answers)) {
        refuseBlocked(this.name, plan)
        await this.#change(plan)
      }
    })
  }

  /** Whether a task of this subject began to change the host in this run. */
  hasChanged(subject: string): boolean {
    return this.#changed.has(subject)
  }

  /**
   * Work on the host that is not one of its plays' tasks; it answers its summary. A failure is this host's error, unless
   * it has one already. Answers whether it succeeded.
   */
  async step(name: string, outcome: 'ok' | 'changed', work: () => Promise<string>): Promise<boolean> {
    const { emit, now } = this.#settings
    const begin = now()
    emit({ type: 'step.started', host: this.name, step: name })
    const end = (ended: TaskReport['outcome'], summary: string): void => {
      const ms = now() - begin
      this.steps.push({ task: name, outcome: ended, summary, ms })
      emit({ type: 'step.ended', host: this.name, step: name, outcome: ended, summary, ms })
    }
    try {
      end(outcome, await work())
      return true
    } catch (error) {
      const known = error instanceof GwError ? error : internalFault(this.name, error)
      end('failed', known.message)
      if (!this.hasFailed()) this.fail(known)
      return false
    }
  }

  /** Something that the run changed on the host without a task of its own. */
  note(name: string, summary: string): void {
    const report = { outcome: 'changed', summary, ms: 0 } as const
    this.steps.push({ task: name, ...report })
    this.#settings.emit({ type: 'step.ended', host: this.name, step: name, ...report })
  }

  /** Ends the host's part in the run. */
  fail(error: GwError): void {
    this.#error = error
    this.#settings.emit({ type: 'host.failed', host: this.name, error })
  }

  /** Tells the host to stop before its next task. */
  async stop(): Promise<void> {
    const { text } = sh`set -C; : > ${this.#settings.stopPath}`
    await this.session.run({ text }, NO_LISTENER, { deadlineMs: 5000, maxOutputBytes: 4096 })
  }

  /** The report of a run that only planned. */
  foresee(plan: HostPlan): HostReport {
    this.#reports.push(...plan.plays.flatMap((play) => play.tasks).map((task) => foreseen(task)))
    return this.report()
  }

  report(): HostReport {
    const reported = this.#reports.length
    const left = this.#plays.flatMap((play) => play.tasks).slice(reported)
    const skipped = left.map((task): TaskReport => ({
      task: task.name,
      outcome: 'skipped',
      summary: 'not started',
      ms: 0,
    }))
    const tasks = [...this.#reports, ...skipped, ...this.steps]
    const error = this.#error ?? null
    const outcome = error === null ? gravest(tasks.map((task) => task.outcome)) : outcomeOfError(error)
    return { host: this.name, outcome, tasks, error }
  }

  #find(play: Play): HostPlay | undefined {
    return this.#plays.find((own) => own.play === play)
  }

  async #change(plan: PlayPlan): Promise<void> {
    const { emit, now, stopPath, abandon, guard } = this.#settings
    const begin = now()
    const recorder = new Recorder(this.name, plan, this.#settings)
    try {
      if (recorder.changes > 0) {
        this.#stale = true
        this.#changing = true
        for (const { task, decision } of plan.tasks) {
          if (decision.kind === 'change') this.#changed.add(task.operation.subject)
        }
        await apply(this.session, plan.tasks, { stopPath, guard: guard(), signal: abandon }, recorder)
      }
    } catch (error) {
      throw recorder.interruptedBy(error)
    } finally {
      this.#changing = false
      this.#reports.push(...recorder.reports())
    }
    const failure = recorder.failure()
    if (failure !== undefined) throw failure
    emit({
      type: 'host.ended',
      host: this.name,
      play: plan.play,
      changed: recorder.done,
      ms: now() - begin,
    })
  }

  /** Whatever goes wrong here is this host's own trouble: the others, and their report, go on. */
  async #keepError(work: () => Promise<void> | void): Promise<void> {
    try {
      await work()
    } catch (error) {
      const known = error instanceof GwError ? error : internalFault(this.name, error)
      // Reading was cut short because a stop was asked for: nothing is wrong with the host.
      if (known.code === 'INTERRUPTED' && this.#reports.length === 0 && !this.#stale) return
      this.fail(known)
    }
  }
}

/** Asked anew: the compiler takes an answer from before an `await` for the one after it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

function refuseBlocked(host: string, plan: PlayPlan): void {
  for (const { task, decision } of plan.tasks) {
    if (decision.kind !== 'blocked') continue
    throw new GwError(
      decision.code ?? 'TASK_BLOCKED',
      `task "${task.name}" cannot be done: ${decision.reason}; nothing of this play was changed on any host`,
      {
        host,
        nextSteps: decision.nextSteps,
      },
    )
  }
}

function internalFault(host: string, cause: unknown): GwError {
  return new GwError('INTERNAL', 'a fault of gw itself', {
    host,
    cause,
    frame: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    nextSteps: [
      'Please report it with the lines above. The same command with --check shows where the host stands.',
    ],
  })
}
