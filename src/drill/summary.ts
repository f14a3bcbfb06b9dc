import { blindSpans, isAnswered, isFailed, latencyOf, outageOf, type Outage } from './outage.js'
import type { Failure, Kind, Ledger, Sample } from './sample.js'

/** What clients of one kind saw. */
export interface Summary {
  readonly kind: Kind
  readonly sent: number
  readonly failed: number
  /** How often each of them happened. */
  readonly failures: Readonly<Partial<Record<Failure, number>>>
  /** Requests that this machine could not send in time; they are none of `sent` and `failed`. */
  readonly unsent: number
  /** Connections that were to stay open and were cut. */
  readonly cut: number
  /** Of answered requests, from when they were due, in milliseconds; null without one. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly slowestMs: number | null
  readonly outage: Outage | null
  /** The longest time that the prober could not see: an outage so long may have been missed. */
  readonly unknownMs: number
  /** The gateways that answered, in the order in which they first did. */
  readonly nodes: readonly string[]
}

/** What clients of one kind saw while something was done to a gateway. */
export interface Clients extends Summary {
  /** The longest time between two answers; null where nothing was asked. */
  readonly silence: Outage | null
}

/** What became of all requests of a kind. */
export function summaryOf(ledger: Ledger, kind: Kind): Summary {
  const samples = ledger.samples.filter((sample) => sample.kind === kind)
  const blind = blindSpans(ledger, kind)
  const failed = samples.filter(isFailed)
  const latencies = samples
    .filter(isAnswered)
    .map((sample) => latencyOf(sample, blind))
    .sort((one, other) => one - other)
  const unsent = samples.filter(({ failure }) => failure === 'unsent').length
  return {
    kind,
    sent: samples.length - unsent,
    failed: failed.length,
    failures: countsOf(failed),
    unsent,
    cut: ledger.cuts.filter((cut) => cut.kind === kind).length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    slowestMs: latencies.at(-1) ?? null,
    outage: outageOf(ledger, kind),
    unknownMs: Math.max(0, ...blind.map(({ from, to }) => to - from)),
    nodes: nodesOf(samples),
  }
}

function countsOf(failed: readonly Sample[]): Partial<Record<Failure, number>> {
  const counts: Partial<Record<Failure, number>> = {}
  for (const { failure } of failed) if (failure !== null) counts[failure] = (counts[failure] ?? 0) + 1
  return counts
}

/** The smallest of sorted numbers that so many are not above. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}

function nodesOf(samples: readonly Sample[]): string[] {
  const byEnd = samples.toSorted((one, other) => one.ended - other.ended)
  return [...new Set(byEnd.flatMap(({ node }) => (node === null ? [] : [node])))]
}
