import { abortReason, whenAborted } from './abort.js'

/** Lets at most so many through at once; the others wait in the order in which they came. */
export class Turns {
  #limit: number
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  /** Allows fewer from now on, one at least; those who run already stay. */
  lower(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit))
  }

  /**
   * Waits for a turn. The function that it gives ends the turn, and may be called more than once.
   * Rejects with the signal's reason when it fires while waiting.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#running >= this.#limit || this.#waiting.length > 0) await this.#wait(signal)
    else this.#running++
    let ended = false
    return () => {
      if (ended) return
      ended = true
      this.#running--
      this.#admit()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(abortReason(signal))
      }
      whenAborted(signal, leave)
      this.#waiting.push(enter)
    })
  }

  #admit(): void {
    while (this.#running < this.#limit) {
      const enter = this.#waiting.shift()
      if (enter === undefined) return
      this.#running++
      enter()
    }
  }
}
