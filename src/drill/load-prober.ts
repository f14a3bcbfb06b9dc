import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Failure, Kind, Ledger, Rates } from './sample.js'

/** What is asked. */
export interface LoadTarget {
  readonly address: string
  readonly port: number
  /** For SNI and the header Host, and the name that the certificate must be for. */
  readonly domain: string
  /** Where the gateway says that it is well, and who it is. */
  readonly path: string
  /** PEM of the CAs that are trusted; without any, those that Node knows. */
  readonly roots: readonly string[]
}

export interface LoadOptions {
  readonly rates: Rates
  /** How long an answer is waited for from when it was due, and so how soon a connection that hangs is given up. */
  readonly timeoutMs: number
}

/** What each kind failed by when it was tried for the first time; nothing for one that was answered. */
export type FirstFailures = Readonly<Partial<Record<Kind, Failure>>>

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
    this.#thread.postMessage('stop')
    return this.#ledger
  }

  /** Ends it at once and tells nothing; does nothing to one that has ended. */
  async close(): Promise<void> {
    await this.#thread.terminate()
  }
}

// A bundle has this file elsewhere, as deep as here; the source is run by what runs this file.
const THREAD = new URL(`../drill/load-thread${extname(import.meta.url)}`, import.meta.url)

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
