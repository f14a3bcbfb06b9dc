import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { compile } from './compile.js'
import type { Job, Report } from './job.js'

/** Operators that wait for work; one that was killed is replaced. */
export class OperatorPool {
  readonly #program = compile('operator')
  readonly #idle: ChildProcess[] = []
  readonly #all = new Set<ChildProcess>()

  /** Starts a job; `onReport` hears of it until the operator ends or is killed. */
  start(job: Job, onReport: (report: Report) => void): Operator {
    const child = this.#idle.pop() ?? this.#fork()
    return new Operator(child, job, onReport, () => this.#idle.push(child))
  }

  async close(): Promise<void> {
    const ends = [...this.#all].map((child) => once(child, 'exit'))
    for (const child of this.#all) child.kill('SIGKILL')
    await Promise.all(ends)
    this.#program.dispose()
  }

  #fork(): ChildProcess {
    const child = fork(this.#program.file, { execArgv: [], serialization: 'json' })
    this.#all.add(child)
    child.once('exit', () => this.#all.delete(child))
    return child
  }
}

/** A process at work on one job. */
export class Operator {
  /** Fulfils when the job has ended, or the process was killed. */
  readonly over: Promise<void>
  readonly #child: ChildProcess
  #isOver = false

  constructor(child: ChildProcess, job: Job, onReport: (report: Report) => void, giveBack: () => void) {
    this.#child = child
    this.over = new Promise((resolve) => {
      const end = (): void => {
        this.#isOver = true
        child.off('message', hear)
        child.off('exit', end)
        resolve()
      }
      const hear = (report: Report): void => {
        onReport(report)
        if (report.kind !== 'ended') return
        end()
        giveBack()
      }
      child.on('message', hear)
      child.once('exit', end)
    })
    child.send(job)
  }

  kill(): boolean {
    return !this.#isOver && this.#child.kill('SIGKILL')
  }

  /** Stops the process for so long. */
  async pause(ms: number): Promise<void> {
    if (this.#isOver || !this.#child.kill('SIGSTOP')) return
    await sleep(ms)
    this.#child.kill('SIGCONT')
  }
}
