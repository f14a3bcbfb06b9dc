import type { Kind, Ledger, Sample, Span } from './sample.js'
import { merged, shared } from './spans.js'

/**
 * The longest time without an answer. It is not shorter than the gateway's own outage, and longer by two intervals between
 * requests and the time of an answer at most; both but for the prober's own lateness.
 */
export interface Outage {
  /**
   * When the last answer before it came, in milliseconds since the load began; 0 where none did. Where it was read after the
   * prober had stood still, when that began.
   */
  readonly fromMs: number
  /** When the next answer came; the end of the load where none did. */
  readonly toMs: number
  readonly ms: number
  /** How much of it the prober itself was not able to see. */
  readonly unknownMs: number
  /** Whether answers came again. */
  readonly isOver: boolean
}

/** A request that waits for so much longer than half of them do, while nobody is answered, is an outage without a failure. */
export const LATE_MS = 50

/**
 * The longest time in which no request of a kind was answered though one failed that was due then, or waited for long; null
 * for none. What the prober could not see does not make a time longer than another.
 */
export function outageOf(ledger: Ledger, kind: Kind): Outage | null {
  const samples = ledger.samples.filter((sample) => sample.kind === kind)
  const blind = blindSpans(ledger, kind)
  const patience = LATE_MS + medianOf(samples.filter(isAnswered).map((sample) => latencyOf(sample, blind)))
  const outages = gapsOf(samples, ledger)
    .filter((gap) => gap.due.some((sample) => isFailed(sample) || waitOf(sample, gap, blind) > patience))
    .map((gap) => outageIn(gap, blind))
  return longestOf(outages)
}

/**
 * The longest time between two answers of a kind, whether anybody had to wait for longer or not: without an outage as long
 * as the interval between requests, and what answers take more than others. What was over by `sinceMs`, in milliseconds since
 * the load began, does not count.
 */
export function silenceOf(ledger: Ledger, kind: Kind, sinceMs = 0): Outage | null {
  const samples = ledger.samples.filter((sample) => sample.kind === kind)
  const blind = blindSpans(ledger, kind)
  const gaps = gapsOf(samples, ledger).filter(({ due, to }) => due.length > 0 && to > sinceMs)
  return longestOf(gaps.map((gap) => outageIn(gap, blind)))
}

/** Whether it says that the gateway did not answer. */
export function isFailed({ failure }: Sample): boolean {
  return failure !== null && failure !== 'unsent'
}

export function isAnswered({ failure }: Sample): boolean {
  return failure === null
}

/** From when it was due to its answer, without the time in which the prober itself stood still, in milliseconds. */
export function latencyOf({ due, ended }: Sample, blind: readonly Span[]): number {
  return ended - due - shared(blind, { from: due, to: ended })
}

/** When the prober could not see whether requests of a kind are answered: it stood still, or could not send them. */
export function blindSpans({ samples, rates, pauses }: Ledger, kind: Kind): Span[] {
  const interval = 1000 / (rates[kind] ?? Infinity)
  const unsent = samples.filter((sample) => sample.kind === kind && sample.failure === 'unsent')
  return merged([...pauses, ...unsent.map(({ due }) => ({ from: due, to: due + interval }))])
}

/** The time between two answers, with the requests that were due after the first was read. */
interface Gap extends Span {
  readonly due: readonly Sample[]
  readonly isOver: boolean
}

function gapsOf(samples: readonly Sample[], { durationMs, pauses }: Ledger): Gap[] {
  const answers = samples.filter(isAnswered).toSorted((one, other) => one.ended - other.ended)
  const begins = [{ due: 0, ended: 0 }, ...answers]
  const gaps = begins.map((answer, index) => {
    const from = cameAt(answer, pauses)
    const next = begins[index + 1]?.ended
    return { from, to: next ?? Math.max(from, durationMs), isOver: next !== undefined, due: [] as Sample[] }
  })
  let index = 0
  for (const sample of samples.toSorted((one, other) => one.due - other.due)) {
    while (sample.due >= (begins[index + 1]?.ended ?? Infinity)) index += 1
    gaps[index]?.due.push(sample)
  }
  return gaps
}

/**
 * When an answer may have come at the earliest: what comes while the prober stands still lies there until it goes on. What was
 * asked for by then comes soon, so it is hardly ever later than that.
 */
function cameAt({ due, ended }: Pick<Sample, 'due' | 'ended'>, pauses: readonly Span[]): number {
  const pause = pauses.find(({ from, to }) => from <= ended && ended <= to)
  return pause === undefined ? ended : Math.max(due, pause.from)
}

/** How long it waited before the gap ended. */
function waitOf({ due, failure }: Sample, { to }: Gap, blind: readonly Span[]): number {
  return failure === null ? to - due - shared(blind, { from: due, to }) : 0
}

function outageIn(gap: Gap, blind: readonly Span[]): Outage {
  const { from, to, isOver } = gap
  return { fromMs: from, toMs: to, ms: to - from, unknownMs: shared(blind, gap), isOver }
}

function longestOf(outages: readonly Outage[]): Outage | null {
  return outages.reduce<Outage | null>(
    (worst, outage) => (worst === null || seenOf(outage) > seenOf(worst) ? outage : worst),
    null,
  )
}

function seenOf({ ms, unknownMs }: Outage): number {
  return ms - unknownMs
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
}
