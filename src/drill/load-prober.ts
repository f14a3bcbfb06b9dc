import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { FirstFailures, LoadOptions, LoadTarget } from './load-target.js'
import type { Ledger } from './sample.js'

/** What the thread is given. */
export interface LoadOrder {
  readonly target: LoadTarget
  readonly options: LoadOptions
}

/** What the thread says: once that the load runs, and at its end what it saw. */
export type LoadMessage = { readonly begun: FirstFailures } | { readonly ledger: Ledger }

/**
 * Asks a gateway as clients do: so many times a second, whatever became of the requests before. It runs in a thread of its
 * own, so that nothing which keeps this one busy is taken for an outage.
 */
export class LoadProber {
  /** Without any, this machine reaches the gateway in every way that was wanted. */
  readonly firstFailures: FirstFailures
  readonly #thread: Worker
  readonly #ledger: Promise<Ledger>

  private constructor(thread: Worker, firstFailures: FirstFailures) {
    this.#thread = thread
    this.firstFailures = firstFailures
    this.#ledger = messageOf(thread, 'ledger')
    // Whoever stops the load hears of it.
    this.#ledger.catch(() => undefined)
  }

  /** Tries each kind once, for `timeoutMs` at most, and begins. Somebody must `stop` or `close` it. */
  static async start(target: LoadTarget, options: LoadOptions): Promise<LoadProber> {
    const thread = new Worker(THREAD, { workerData: { target, options } satisfies LoadOrder })
    return new LoadProber(thread, await messageOf(thread, 'begun'))
  }

  /** Sends nothing more, and tells everything once the last answers have come or their time is over. */
  async stop(): Promise<Ledger> {
    try {
      this.#thread.postMessage('stop')
      return await this.#ledger
    } finally {
      await this.close()
    }
  }

  /** Ends it at once and tells nothing; does nothing to one that has ended. */
  async close(): Promise<void> {
    await this.#thread.terminate()
  }
}

// A bundle may have this elsewhere, as deep as here.
const THREAD = new URL('../drill/load-thread.js', import.meta.url)

async function messageOf<Name extends 'begun' | 'ledger'>(
  thread: Worker,
  name: Name,
): Promise<Extract<LoadMessage, Record<Name, unknown>>[Name]> {
  const over = new AbortController()
  const { signal } = over
  try {
    const ended = once(thread, 'exit', { signal }).then(() => {
      throw new Error('the thread of the load ended without a word')
    })
    const [message] = (await Promise.race([once(thread, 'message', { signal }), ended])) as [
      Extract<LoadMessage, Record<Name, unknown>>,
    ]
    return message[name]
  } finally {
    over.abort()
  }
}
