/** The beginning of a program on a host, which is waited for only so long. */
export class Start {
  /** Ends the channel: the caller's own signal, or the wait's end. */
  readonly signal: AbortSignal
  ended = false
  readonly #wait = new AbortController()
  readonly #timer: NodeJS.Timeout
  #happened = false

  constructor(patienceMs: number, signal: AbortSignal | undefined) {
    this.#timer = setTimeout(() => {
      this.#wait.abort()
    }, patienceMs)
    this.signal = signal === undefined ? this.#wait.signal : AbortSignal.any([signal, this.#wait.signal])
  }

  get happened(): boolean {
    return this.#happened
  }

  /** True when the wait was in vain. */
  get overdue(): boolean {
    return this.#wait.signal.aborted
  }

  happen(): void {
    this.#happened = true
    this.stopWaiting()
  }

  stopWaiting(): void {
    clearTimeout(this.#timer)
  }
}
