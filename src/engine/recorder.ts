import { type ErrorCode, GwError } from '../errors.js'
import type { ApplyListener, TaskEnd } from './apply.js'
import type { EventSink } from './events.js'
import { countChanges, type PlannedTask, type PlayPlan } from './plan.js'
import type { TaskReport } from './report.js'

interface Clock {
  readonly emit: EventSink
  readonly now: () => number
}

/** Follows the program of one play on one host and turns what it says into events and task reports. */
export class Recorder implements ApplyListener {
  readonly changes: number
  readonly #host: string
  readonly #plan: PlayPlan
  readonly #clock: Clock
  readonly #ended = new Map<number, TaskEnd & { readonly ms: number }>()
  #running: { readonly index: number; readonly since: number } | undefined
  #started = 0

  constructor(host: string, plan: PlayPlan, clock: Clock) {
    this.#host = host
    this.#plan = plan
    this.#clock = clock
    this.changes = countChanges([plan])
  }

  onStart(index: number): void {
    this.#started += 1
    this.#running = { index, since: this.#clock.now() }
    const position = { index: this.#started, of: this.changes }
    this.#clock.emit({ type: 'task.started', host: this.#host, task: this.#name(index), ...position })
  }

  onEnd(end: TaskEnd): void {
    const ms = this.#clock.now() - (this.#running?.since ?? this.#clock.now())
    this.#running = undefined
    this.#ended.set(end.index, { ...end, ms })
    const planned = this.#plan.tasks[end.index]
    const summary = planned === undefined ? '' : foreseen(planned).summary
    this.#clock.emit({
      type: 'task.ended',
      host: this.#host,
      task: this.#name(end.index),
      outcome: end.outcome,
      summary,
      ms,
    })
  }

  /** One report for every task of the play; those after a failure or a stop were not started. */
  reports(): TaskReport[] {
    return this.#plan.tasks.map((planned, index) => {
      if (planned.decision.kind !== 'change') return foreseen(planned)
      const end = this.#ended.get(index)
      if (end !== undefined) return { ...foreseen(planned), outcome: end.outcome, ms: end.ms }
      if (this.#running?.index === index)
        return {
          ...notStarted(planned),
          outcome: 'failed',
          summary: 'was running; how it ended is not known',
        }
      return notStarted(planned)
    })
  }

  /** The failed task as an error, if there is one. */
  failure(): GwError | undefined {
    const end = [...this.#ended.values()].find(({ outcome }) => outcome === 'failed')
    if (end === undefined) return undefined
    return new GwError(
      this.#codeOf(end),
      `task "${this.#name(end.index)}" failed with status ${end.status}; ${this.#state()}`,
      {
        host: this.#host,
        ...(end.output === '' ? {} : { frame: end.output }),
        nextSteps: ['Mend the cause and run the same command again: what is done already is not done twice.'],
      },
    )
  }

  /** An error that ended the program from outside, with the state that it leaves the host in. */
  interruptedBy(error: unknown): unknown {
    if (!(error instanceof GwError)) return error
    const running =
      this.#running === undefined ? '' : `while task "${this.#name(this.#running.index)}" was running; `
    return new GwError(error.code, `${error.message}; ${running}${this.#state()}`, {
      host: this.#host,
      ...(error.frame === undefined ? {} : { frame: error.frame }),
      nextSteps: [
        ...error.nextSteps,
        'Run the same command again: it finds out what is done and does the rest.',
      ],
      cause: error,
    })
  }

  /** How many changes are made so far. */
  get done(): number {
    return [...this.#ended.values()].filter(({ outcome }) => outcome === 'changed').length
  }

  #codeOf({ index, status }: TaskEnd): ErrorCode {
    const decision = this.#plan.tasks[index]?.decision
    return (decision?.kind === 'change' ? decision.failures?.[status] : undefined) ?? 'TASK_FAILED'
  }

  #state(): string {
    return `${this.done} of ${this.changes} changes on this host are done`
  }

  #name(index: number): string {
    return this.#plan.tasks[index]?.task.name ?? `task ${index}`
  }
}

/** What a task would do, as a report. */
export function foreseen({ task, decision }: PlannedTask): TaskReport {
  switch (decision.kind) {
    case 'ok':
      return { task: task.name, outcome: 'ok', summary: decision.reason, ms: 0 }
    case 'blocked':
      return { task: task.name, outcome: 'failed', summary: decision.reason, ms: 0 }
    case 'change': {
      const { summary, diffs = [] } = decision
      return { task: task.name, outcome: 'changed', summary, ms: 0, diffs }
    }
  }
}

function notStarted(planned: PlannedTask): TaskReport {
  return { ...foreseen(planned), outcome: 'skipped', summary: 'not started' }
}
