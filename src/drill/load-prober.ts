import { on } from 'node:events'
import { Worker } from 'node:worker_threads'
import { within } from '../connection/deadline.js'
import type { FirstFailures, LoadOptions, LoadTarget } from './load-target.js'
import type { Ledger } from './sample.js'

/** What the thread is given. */
export interface LoadOrder {
  readonly target: LoadTarget
  readonly options: LoadOptions
}

/**
 * What the thread says: once that the load runs, and at its end what it saw. Meanwhile, when it was asked to, that new connections
 * have had no answer for too long, and all the time for how long the load has been clean.
 */
export type LoadMessage =
  | { readonly begun: FirstFailures }
  | { readonly late: true }
  | { readonly cleanMs: number }
  | { readonly ledger: Ledger }

/** What the thread is asked for while it runs: to end, or to tell when new connections have had no answer for too long. */
export type LoadRequest = 'stop' | { readonly maxOutageMs: number }

/** For how long something is waited for, in milliseconds, and what ends the wait before. */
export interface Patience {
  readonly withinMs: number
  readonly signal?: AbortSignal
}

/**
 * Asks a gateway as clients do: so many times a second, whatever became of the requests before. It runs in a thread of its
 * own, so that nothing which keeps this one busy is taken for an outage.
 */
export class LoadProber {
  /** Without any, this machine reaches the gateway in every way that was wanted. */
  readonly firstFailures: FirstFailures
  readonly #thread: Worker
  readonly #ledger: Promise<Ledger>
  readonly #late = new AbortController()

  private constructor(thread: Worker, firstFailures: FirstFailures) {
    this.#thread = thread
    this.firstFailures = firstFailures
    this.#ledger = messageOf(thread, (message) => ('ledger' in message ? message.ledger : undefined))
    // Whoever stops the load hears of it.
    this.#ledger.catch(() => undefined)
    this.#hearOfLateness()
  }

  /** Tries each kind once, for `timeoutMs` at most, and begins. Somebody must `stop` or `close` it. */
  static async start(target: LoadTarget, options: LoadOptions): Promise<LoadProber> {
    const thread = new Worker(THREAD, { workerData: { target, options } satisfies LoadOrder })
    const begun = await messageOf(thread, (message) => ('begun' in message ? message.begun : undefined))
    return new LoadProber(thread, begun)
  }

  /**
   * Has `late` fire as soon as new connections have had no answer for longer than so many milliseconds. An outage that is over by
   * now does not count; one that lasts counts from the last answer on. To be called once.
   */
  watchOutage(maxOutageMs: number): void {
    this.#ask({ maxOutageMs })
  }

  /**
   * Fires while the load runs, as soon as it has come to what `watchOutage` asks for: with connections of the kind `tls`, or
   * `tcp` where `tls` was not answered at first. Never where neither was.
   */
  get late(): AbortSignal {
    return this.#late.signal
  }

  /**
   * Waits until no request of a kind that was answered at first has failed for so many milliseconds, nor waited for long. False
   * when it does not come to that in time.
   */
  async clean(ms: number, { withinMs, signal }: Patience): Promise<boolean> {
    const late = (): Error => new NotClean()
    try {
      await within({ ms: withinMs, signal, late, interrupted: late }, async (stop) =>
        messageOf(
          this.#thread,
          (message) => ('cleanMs' in message && message.cleanMs >= ms ? true : undefined),
          stop,
        ),
      )
      return true
    } catch (error) {
      if (error instanceof NotClean) return false
      throw error
    }
  }

  /** Sends nothing more, and tells everything once the last answers have come or their time is over. */
  async stop(): Promise<Ledger> {
    try {
      this.#ask('stop')
      return await this.#ledger
    } finally {
      await this.close()
    }
  }

  /** Ends it at once and tells nothing; does nothing to one that has ended. */
  async close(): Promise<void> {
    await this.#thread.terminate()
  }

  #ask(request: LoadRequest): void {
    this.#thread.postMessage(request)
  }

  #hearOfLateness(): void {
    const late = messageOf(this.#thread, (message) => ('late' in message ? message.late : undefined))
    late.then(
      () => {
        this.#late.abort()
      },
      // Its end is heard of by whoever stops it.
      () => undefined,
    )
  }
}

class NotClean extends Error {}

// A bundle may have this elsewhere, as deep as here.
const THREAD = new URL('../drill/load-thread.js', import.meta.url)

/** What `pick` takes of the first message that it takes something of. */
async function messageOf<Value>(
  thread: Worker,
  pick: (message: LoadMessage) => Value | undefined,
  signal?: AbortSignal,
): Promise<Value> {
  const options = { close: ['exit'], ...(signal === undefined ? {} : { signal }) }
  for await (const [message] of on(thread, 'message', options) as AsyncIterable<[LoadMessage]>) {
    const value = pick(message)
    if (value !== undefined) return value
  }
  throw new Error('the thread of the load ended without a word')
}
