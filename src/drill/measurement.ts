import { setTimeout as pause } from 'node:timers/promises'
import { LoadProber, type Patience } from './load-prober.js'
import type { FirstFailures, LoadTarget } from './load-target.js'
import { silenceOf } from './outage.js'
import { requestBins, type RequestBins } from './request-bins.js'
import { KINDS, type Kind, type Rates } from './sample.js'
import { summaryOf, type Clients } from './summary.js'

export interface Measured {
  /** Of the kinds by which this machine reached the gateway when it began. */
  readonly clients: readonly Clients[]
  /** Why the others were not measured. */
  readonly unmeasured: FirstFailures
  /** The longest time by which this machine was late itself, in milliseconds. */
  readonly latenessMs: number
}

/** What a measurement that has ended can tell. Times are in milliseconds. */
export interface MeasuredLoad extends Measured {
  /** What the times of `clients` and `requests` count from. */
  readonly startedAt: Date
  /**
   * The longest time between two answers of new connections: the worse of `tcp`, which sees a gateway that refuses, and `tls`,
   * which sees one that hangs as well. Open connections do not count, since a takeover cuts them by its nature. Null where
   * neither kind was reached.
   */
  readonly outageMs: number | null
  readonly requests: readonly RequestBins[]
}

export interface MeasurementOptions {
  /** New connections a second, `tcp` and `tls` each; half as many requests of each kind over open ones. */
  readonly rate?: number
  /** Those that are asked; without it, all. */
  readonly kinds?: readonly Kind[]
}

/** Of what is new, an outage is known to 10 ms. */
const RATE = 100

/** A client's system asks for a lost connection again after 1 s, and clients are more patient than that. */
const PATIENCE_MS = 3000

/** For how long nothing is done before and after. */
const STEADY_MS = 1000

/** A load on a gateway from before something is done to it until after. Somebody must `abandon` it in the end. */
export class Measurement {
  readonly #prober: LoadProber
  readonly #kinds: readonly Kind[]
  readonly #begunAt = new Date()

  private constructor(prober: LoadProber, asked: readonly Kind[]) {
    this.#prober = prober
    this.#kinds = asked.filter((kind) => prober.firstFailures[kind] === undefined)
  }

  /** Answers once the load has begun, whether anything is reached or not. */
  static async begin(target: LoadTarget, options: MeasurementOptions = {}): Promise<Measurement> {
    const { rate = RATE, kinds = KINDS } = options
    const rates = ratesOf(rate, kinds)
    return new Measurement(await LoadProber.start(target, { rates, timeoutMs: PATIENCE_MS }), kinds)
  }

  /** Whether the gateway answered in any way when it began. */
  get isReached(): boolean {
    return this.#kinds.length > 0
  }

  /** Has `late` fire when clients have no answer for longer than that, in milliseconds, as `LoadProber` does. To be called once. */
  watchOutage(maxOutageMs: number): void {
    this.#prober.watchOutage(maxOutageMs)
  }

  /** Fires as that of `LoadProber`. */
  get late(): AbortSignal {
    return this.#prober.late
  }

  /** Waits until nothing has failed for so long, as `LoadProber` does. False, at once, where nothing is reached. */
  async clean(ms: number, patience: Patience): Promise<boolean> {
    return this.isReached && this.#prober.clean(ms, patience)
  }

  /** Lets the load run for a second in which nothing is done, so that there is something to compare with. */
  async steady(): Promise<void> {
    if (this.isReached) await pause(STEADY_MS)
  }

  /**
   * Ends it, and tells what was seen. Answers that are still waited for are, for as long as a client is patient. What clients
   * waited for before `since` (milliseconds since 1970) is none of what was done to the gateway.
   */
  async finish({ since = 0 }: { readonly since?: number } = {}): Promise<MeasuredLoad> {
    const { firstFailures: unmeasured } = this.#prober
    if (!this.isReached) {
      await this.abandon()
      return {
        clients: [],
        unmeasured,
        latenessMs: 0,
        startedAt: this.#begunAt,
        outageMs: null,
        requests: [],
      }
    }
    const ledger = await this.#prober.stop()
    const { startedAt, latenessMs } = ledger
    const clients = this.#kinds.map((kind) => ({
      ...summaryOf(ledger, kind),
      silence: silenceOf(ledger, kind, since - startedAt.getTime()),
    }))
    const requests = requestBins(ledger, this.#kinds)
    return { clients, unmeasured, latenessMs, startedAt, outageMs: outageMsOf(clients), requests }
  }

  /** Ends at once and tells nothing; does nothing to one that is finished. */
  async abandon(): Promise<void> {
    await this.#prober.close()
  }
}

function ratesOf(rate: number, kinds: readonly Kind[]): Rates {
  const all: Required<Rates> = { tcp: rate, tls: rate, keepalive: rate / 2, http2: rate / 2 }
  return Object.fromEntries(kinds.map((kind) => [kind, all[kind]]))
}

function outageMsOf(clients: readonly Clients[]): number | null {
  const silences = clients
    .filter(({ kind }) => kind === 'tcp' || kind === 'tls')
    .flatMap(({ silence }) => (silence === null ? [] : [silence.ms]))
  return silences.length === 0 ? null : Math.max(...silences)
}
