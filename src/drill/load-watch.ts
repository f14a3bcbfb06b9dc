import type { LoopListener } from './open-loop.js'
import type { Failure, Kind } from './sample.js'

/** A request that waits for longer is trouble, whatever becomes of it: what is lost on the way is sent again sooner. */
const TROUBLE_MS = 500

/** How often it is told for how long the load has been clean, in milliseconds. */
const TELL_EVERY_MS = 50

export interface WatchNews {
  /** New connections had no answer for longer than they may; once for each time that this was asked for. */
  late(): void
  /** For how long nothing has failed, nor waited for long, in milliseconds; again and again. */
  clean(ms: number): void
}

/**
 * What a load sees as it goes: whether all is answered, and whether new connections have had no answer for too long. Its time
 * stands still while the prober does, so that neither is concluded from what nobody saw.
 */
export class LoadWatch implements LoopListener {
  readonly #kinds: ReadonlySet<Kind>
  /** Who tells of an outage. The system of a gateway that hangs goes on to answer `tcp`. */
  readonly #teller: Kind | undefined
  readonly #news: WatchNews
  #answered = 0
  #troubled = 0
  #told = 0
  #maxOutageMs = Infinity

  /** `kinds` are those that are to be answered. */
  constructor(kinds: readonly Kind[], news: WatchNews) {
    this.#kinds = new Set(kinds)
    this.#teller = (['tls', 'tcp'] as const).find((kind) => this.#kinds.has(kind))
    this.#news = news
  }

  /**
   * From now on new connections may be without an answer for so many milliseconds. What is over by now does not count; what
   * lasts counts whole, from the last answer on: a gateway that hangs already is not given more time.
   */
  watchOutage(maxOutageMs: number): void {
    this.#maxOutageMs = maxOutageMs
  }

  ended(kind: Kind, failure: Failure | null, now: number): void {
    if (kind === this.#teller && failure === null) this.#answered = now
    if (this.#kinds.has(kind) && failure !== null && failure !== 'unsent') this.#troubled = now
  }

  waits(kind: Kind, forMs: number, now: number): void {
    if (this.#kinds.has(kind) && forMs > TROUBLE_MS) this.#troubled = now
  }

  turned(now: number): void {
    if (this.#teller !== undefined && now - this.#answered > this.#maxOutageMs) {
      this.#maxOutageMs = Infinity
      this.#news.late()
    }
    if (now - this.#told < TELL_EVERY_MS) return
    this.#told = now
    this.#news.clean(now - this.#troubled)
  }
}
