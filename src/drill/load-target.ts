import type { Failure, Kind, Rates } from './sample.js'

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
