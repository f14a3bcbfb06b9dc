import type { RequestBins } from '../request-bins.js'
import type { Span } from '../sample.js'

/** Requests in a span of time. */
export interface Bar extends Span {
  readonly failed: number
  /** Answered ones by the gateway that answered, in the order of all bars. */
  readonly answered: readonly { readonly gateway: string; readonly count: number }[]
  readonly total: number
  /** How many bins it is made of: the last bar may be shorter than the others. */
  readonly bins: number
}

/** At most so many bars are drawn for a kind: more of them cannot be told apart. */
const MOST_BARS = 320

/** The requests of a kind that were due in a time, in bars of the same width but for the last one. */
export function barsOf({ binMs, failed, answered }: RequestBins, span: Span): Bar[] {
  const bins = Math.max(failed.length, ...Object.values(answered).map(({ length }) => length))
  const first = Math.max(0, Math.floor(span.from / binMs))
  const end = Math.min(bins, Math.ceil(span.to / binMs))
  const each = Math.max(1, Math.ceil((end - first) / MOST_BARS))
  const count = Math.max(0, Math.ceil((end - first) / each))
  return Array.from({ length: count }, (_, index) => {
    const from = first + index * each
    const to = Math.min(end, from + each)
    const gateways = Object.entries(answered).map(([gateway, counts]) => ({
      gateway,
      count: sumOf(counts, from, to),
    }))
    const failures = sumOf(failed, from, to)
    const total = failures + gateways.reduce((sum, { count: own }) => sum + own, 0)
    return {
      from: from * binMs,
      to: to * binMs,
      failed: failures,
      answered: gateways,
      total,
      bins: to - from,
    }
  })
}

function sumOf(counts: readonly number[], from: number, to: number): number {
  return counts.slice(from, to).reduce((sum, count) => sum + count, 0)
}
