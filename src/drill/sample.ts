/**
 * How the gateway is asked: `tcp` a new TCP connection and no more; `tls` a request over a new TLS connection; `keepalive`
 * requests by HTTP/1.1 over connections that stay open; `http2` requests over one HTTP/2 connection that stays open.
 */
export const KINDS = ['tcp', 'tls', 'keepalive', 'http2'] as const

export type Kind = (typeof KINDS)[number]

/**
 * Why a request was not answered: `refused` (nobody listens), `reset` (an end without a whole answer), `timeout`,
 * `unreachable` (no way there), `tls` (no handshake, or a certificate that is not trusted), `answer` (another than a healthy
 * gateway's), `unsent` (this machine could not send it in time, which says nothing of the gateway).
 */
export const FAILURES = ['refused', 'reset', 'timeout', 'unreachable', 'tls', 'answer', 'unsent'] as const

export type Failure = (typeof FAILURES)[number]

/** How many requests of each kind are due a second; a kind that is left out is not asked. */
export type Rates = Readonly<Partial<Record<Kind, number>>>

/** A request. Times are in milliseconds since the load began, by a clock that nobody sets. */
export interface Sample {
  readonly kind: Kind
  /** When it was to be sent, whatever became of those before it. */
  readonly due: number
  readonly ended: number
  /** The gateway that answered; null where none did or did not say (`tcp` never does). */
  readonly node: string | null
  readonly failure: Failure | null
}

/** A connection that was to stay open and ended without notice, or was given up because no answer came over it. */
export interface Cut {
  readonly kind: Kind
  readonly at: number
}

/** A time in milliseconds since the load began. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** All that a load saw. */
export interface Ledger {
  readonly startedAt: Date
  /** How long requests were due. */
  readonly durationMs: number
  readonly rates: Rates
  /** Every request, in the order in which they were due. */
  readonly samples: readonly Sample[]
  readonly cuts: readonly Cut[]
  /** When the prober itself stood still: what was due then was not sent, and what came then was seen only at its end. */
  readonly pauses: readonly Span[]
  /** The longest time by which the prober itself was late, pauses and all; no figure is more exact than this. */
  readonly latenessMs: number
}
