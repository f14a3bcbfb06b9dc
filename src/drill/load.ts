import { within } from '../connection/deadline.js'
import { Dialler } from './dial.js'
import { Http1Connection } from './http1-connection.js'
import { Http2Connection } from './http2-connection.js'
import { KeptClient } from './kept-client.js'
import type { FirstFailures, LoadOptions, LoadTarget } from './load-target.js'
import { LoadWatch, type WatchNews } from './load-watch.js'
import { askTcp, askTls } from './new-connections.js'
import { OpenLoop, type Ask } from './open-loop.js'
import { KINDS, type Failure, type Kind, type Ledger } from './sample.js'
import { Unserved } from './unserved.js'

/** How many clients share the requests of `keepalive`; each has one connection, and asks one thing at a time. */
const KEEPALIVE_CLIENTS = 5

/** Requests of every kind to one gateway, in this thread. */
export class Load {
  readonly firstFailures: FirstFailures
  readonly #loop: OpenLoop
  readonly #watch: LoadWatch
  readonly #clients: Clients

  private constructor(firstFailures: FirstFailures, loop: OpenLoop, watch: LoadWatch, clients: Clients) {
    this.firstFailures = firstFailures
    this.#loop = loop
    this.#watch = watch
    this.#clients = clients
  }

  /** Tries each kind once, so that nothing is cold, and begins. */
  static async begin(target: LoadTarget, options: LoadOptions, news: WatchNews): Promise<Load> {
    const { rates, timeoutMs } = options
    const clients = new Clients(target)
    const kinds = KINDS.filter((kind) => rates[kind] !== undefined)
    const firstFailures = await clients.tryEach(kinds, timeoutMs)
    const reached = kinds.filter((kind) => firstFailures[kind] === undefined)
    const watch = new LoadWatch(reached, news)
    const loop = new OpenLoop(clients.asks, rates, timeoutMs, watch)
    clients.onCut = (kind) => {
      loop.cut(kind)
    }
    return new Load(firstFailures, loop, watch, clients)
  }

  /** Tells from now on when new connections have had no answer for longer than so many milliseconds, as `LoadWatch` does. */
  watchOutage(maxOutageMs: number): void {
    this.#watch.watchOutage(maxOutageMs)
  }

  /** Sends nothing more; fulfils when all that is under way has ended. To be called once. */
  async stop(): Promise<Ledger> {
    const ledger = await this.#loop.stop()
    this.#clients.close()
    return ledger
  }
}

/** Those who ask, a way for each kind. */
class Clients {
  readonly asks: Readonly<Record<Kind, Ask>>
  onCut: (kind: Kind) => void = () => undefined
  readonly #kept: readonly KeptClient[]

  constructor(target: LoadTarget) {
    const dialler = new Dialler(target)
    const keepalive = Array.from({ length: KEEPALIVE_CLIENTS }, () =>
      this.#client('keepalive', async (signal) => {
        return new Http1Connection(await dialler.tls('http/1.1', signal), target)
      }),
    )
    const http2 = this.#client('http2', async (signal) => {
      return new Http2Connection(await dialler.tls('h2', signal), target)
    })
    this.#kept = [...keepalive, http2]
    this.asks = {
      tcp: askTcp(dialler),
      tls: askTls(dialler, target),
      keepalive: inTurn(keepalive),
      http2: (signal) => http2.ask(signal),
    }
  }

  async tryEach(kinds: readonly Kind[], timeoutMs: number): Promise<FirstFailures> {
    const tried = kinds.map(async (kind) => [kind, await this.#try(kind, timeoutMs)] as const)
    return Object.fromEntries((await Promise.all(tried)).filter(([, failure]) => failure !== null))
  }

  close(): void {
    for (const client of this.#kept) client.close()
  }

  #client(kind: Kind, dial: ConstructorParameters<typeof KeptClient>[0]): KeptClient {
    return new KeptClient(dial, () => {
      this.onCut(kind)
    })
  }

  async #try(kind: Kind, timeoutMs: number): Promise<Failure | null> {
    const late = (): Error => new Unserved('timeout')
    try {
      await within({ ms: timeoutMs, signal: undefined, late, interrupted: late }, async (signal) =>
        this.asks[kind](signal),
      )
      return null
    } catch (error) {
      if (error instanceof Unserved) return error.failure
      throw error
    }
  }
}

function inTurn(clients: readonly KeptClient[]): Ask {
  const turns = around(clients)
  return (signal) => turns.next().value.ask(signal)
}

function* around<Item>(items: readonly Item[]): Generator<Item, never> {
  for (;;) yield* items
}
