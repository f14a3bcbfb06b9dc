import type { LoopListener } from './open-loop.js'
import type { Failure, Kind } from './sample.js'

/** A request that waits for longer is trouble, whatever becomes of it: what is lost on the way is sent again sooner. */
const TROUBLE_MS = 500

/** How often it is told for how long the load has been clean, in milliseconds. */
const TELL_EVERY_MS = 50

export interface Watched {
  /** Those that are to be answered. */
  readonly kinds: readonly Kind[]
  /** For how long new connections may be without an answer, in milliseconds. */
  readonly maxOutageMs: number
}

export interface WatchNews {
  /** New connections had no answer for longer than they may; once. */
  late(): void
  /** For how long nothing has failed, nor waited for long, in milliseconds; again and again. */
  clean(ms: number): void
}

/**
 * What a load sees as it goes: whether all is answered, and whether new connections have had no answer for too long. Its time
 * stands still while the prober does, so that neither is concluded from what nobody saw.
 */
export class LoadWatch implements LoopListener {
  readonly #maxOutageMs: number
  readonly #kinds: ReadonlySet<Kind>
  /** Who tells of an outage. The system of a gateway that hangs goes on to answer `tcp`. */
  readonly #teller: Kind | undefined
  readonly #news: WatchNews
  #answered = 0
  #troubled = 0
  #told = 0
  #isLate = false

  constructor({ kinds, maxOutageMs }: Watched, news: WatchNews) {
    this.#kinds = new Set(kinds)
    this.#teller = (['tls', 'tcp'] as const).find((kind) => this.#kinds.has(kind))
    this.#maxOutageMs = maxOutageMs
    this.#news = news
  }

  ended(kind: Kind, failure: Failure | null, now: number): void {
    if (kind === this.#teller && failure === null) this.#answered = now
    if (this.#kinds.has(kind) && failure !== null && failure !== 'unsent') this.#troubled = now
  }

  waits(kind: Kind, forMs: number, now: number): void {
    if (this.#kinds.has(kind) && forMs > TROUBLE_MS) this.#troubled = now
  }

  turned(now: number): void {
    if (!this.#isLate && this.#teller !== undefined && now - this.#answered > this.#maxOutageMs) {
      this.#isLate = true
      this.#news.late()
    }
    if (now - this.#told < TELL_EVERY_MS) return
    this.#told = now
    this.#news.clean(now - this.#troubled)
  }
}
