import { setTimeout as pause } from 'node:timers/promises'
import { LoadProber } from './load-prober.js'
import type { FirstFailures, LoadTarget } from './load-target.js'
import { silenceOf, type Outage } from './outage.js'
import { KINDS, type Kind, type Rates } from './sample.js'
import { summaryOf, type Summary } from './summary.js'

/** What clients of one kind saw while something was done to a gateway. */
export interface Clients extends Summary {
  /** The longest time between two answers; null where nothing was asked. */
  readonly silence: Outage | null
}

export interface Measured {
  /** Of the kinds by which this machine reached the gateway when it began. */
  readonly clients: readonly Clients[]
  /** Why the others were not measured. */
  readonly unmeasured: FirstFailures
  /** The longest time by which this machine was late itself, in milliseconds. */
  readonly latenessMs: number
}

/** Of what is new, an outage is known to 10 ms. */
const RATES: Required<Rates> = { tcp: 100, tls: 100, keepalive: 50, http2: 50 }

/** A client's system asks for a lost connection again after 1 s, and clients are more patient than that. */
const PATIENCE_MS = 3000

/** For how long nothing is done before and after. */
const STEADY_MS = 1000

/** A load on a gateway from before something is done to it until after. Somebody must `abandon` it in the end. */
export class Measurement {
  readonly #prober: LoadProber

  private constructor(prober: LoadProber) {
    this.#prober = prober
  }

  /** Begins; answers once the load has run for a second, or nothing is reached. */
  static async begin(target: LoadTarget): Promise<Measurement> {
    const prober = await LoadProber.start(target, { rates: RATES, timeoutMs: PATIENCE_MS })
    const measurement = new Measurement(prober)
    if (measurement.#reached().length > 0) await pause(STEADY_MS)
    return measurement
  }

  /** Goes on for another second, and tells what was seen. */
  async finish(): Promise<Measured> {
    const kinds = this.#reached()
    const { firstFailures: unmeasured } = this.#prober
    if (kinds.length === 0) return { clients: [], unmeasured, latenessMs: 0 }
    await pause(STEADY_MS)
    const ledger = await this.#prober.stop()
    const clients = kinds.map((kind) => ({ ...summaryOf(ledger, kind), silence: silenceOf(ledger, kind) }))
    return { clients, unmeasured, latenessMs: ledger.latenessMs }
  }

  /** Ends at once and tells nothing; does nothing to one that is finished. */
  async abandon(): Promise<void> {
    await this.#prober.close()
  }

  #reached(): Kind[] {
    return KINDS.filter((kind) => this.#prober.firstFailures[kind] === undefined)
  }
}
