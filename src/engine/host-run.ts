import { GwError } from '../errors.js'
import type { Answers, Question } from '../facts/fact.js'
import { apply } from './apply.js'
import type { EventSink } from './events.js'
import { gather } from './gather.js'
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
}

/** One host on its way through a playbook: its facts, its plan, its changes, its report. */
export class HostRun {
  readonly plays: readonly HostPlay[]
  readonly #session: HostSession
  readonly #settings: HostRunSettings
  readonly #reports: TaskReport[] = []
  #answers: Answers | undefined
  #stale = false
  #changing = false
  #error: GwError | undefined

  constructor(session: HostSession, plays: readonly HostPlay[], settings: HostRunSettings) {
    this.#session = session
    this.plays = plays
    this.#settings = settings
  }

  get name(): string {
    return this.#session.host.name
  }

  hasFailed(): boolean {
    return this.#error !== undefined
  }

  /** True while a program of changes runs on the host. */
  get changing(): boolean {
    return this.#changing
  }

  /** Asks for every fact of every play in one round trip; a failure is kept as this host's error. */
  async gather(signal: AbortSignal): Promise<void> {
    const { emit, now } = this.#settings
    const begin = now()
    const questions = this.plays.flatMap((play) => [
      ...play.tasks.flatMap((task) => task.operation.questions),
      ...(play.last === null ? [] : [play.last]),
    ])
    await this.#keepError(async () => {
      this.#answers = await gather(this.#session, questions, signal)
      this.#stale = false
      emit({ type: 'host.gathered', host: this.name, ms: now() - begin })
    })
  }

  /** What every play will do here, by the facts as they stand; null when there are none. A blocked task is this host's error. */
  async plan(): Promise<HostPlan | null> {
    const answers = this.#answers
    if (answers === undefined) return null
    let plan: HostPlan | null = null
    await this.#keepError(() => {
      const plays = planPlays(this.plays, answers)
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

  /** Tells the host to stop before its next task. */
  async stop(): Promise<void> {
    const { text } = sh`set -C; : > ${this.#settings.stopPath}`
    await this.#session.run({ text }, NO_LISTENER, { deadlineMs: 5000, maxOutputBytes: 4096 })
  }

  /** The report of a run that only planned. */
  foresee(plan: HostPlan): HostReport {
    this.#reports.push(...plan.plays.flatMap((play) => play.tasks).map((task) => foreseen(task)))
    return this.report()
  }

  report(): HostReport {
    const reported = this.#reports.length
    const left = this.plays.flatMap((play) => play.tasks).slice(reported)
    const skipped = left.map((task): TaskReport => ({
      task: task.name,
      outcome: 'skipped',
      summary: 'not started',
      ms: 0,
    }))
    const tasks = [...this.#reports, ...skipped]
    const error = this.#error ?? null
    const outcome = error === null ? gravest(tasks.map((task) => task.outcome)) : outcomeOfError(error)
    return { host: this.name, outcome, tasks, error }
  }

  #find(play: Play): HostPlay | undefined {
    return this.plays.find((own) => own.play === play)
  }

  async #change(plan: PlayPlan): Promise<void> {
    const { emit, now, stopPath, abandon } = this.#settings
    const begin = now()
    const recorder = new Recorder(this.name, plan, this.#settings)
    try {
      if (recorder.changes > 0) {
        this.#stale = true
        this.#changing = true
        await apply(this.#session, plan.tasks, stopPath, recorder, abandon)
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
      this.#fail(known)
    }
  }

  #fail(error: GwError): void {
    this.#error = error
    this.#settings.emit({ type: 'host.failed', host: this.name, error })
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
      'TASK_BLOCKED',
      `task "${task.name}" cannot be done: ${decision.reason}; nothing of this play was changed on this host`,
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
