import type { Kind, Span } from '../sample.js'
import type { ScenarioReport } from '../report.js'

/** An outage of clients with new connections, and which of them saw it. */
export interface DrawnOutage extends Span {
  readonly kind: Kind
}

/** When the outage was that a scenario is judged by; null where none was measured. */
export function outageSpan({ clients, outageMs }: ScenarioReport): DrawnOutage | null {
  const seen = (['tls', 'tcp'] as const).flatMap((kind): DrawnOutage[] => {
    const silence = clients.find((each) => each.kind === kind)?.silence ?? null
    return silence === null ? [] : [{ kind, from: silence.fromMs, to: silence.toMs }]
  })
  const farOff = ({ from, to }: Span): number => Math.abs(to - from - (outageMs ?? 0))
  return seen.reduce<DrawnOutage | null>(
    (nearest, each) => (nearest === null || farOff(each) < farOff(nearest) ? each : nearest),
    null,
  )
}

/** How much room is left behind the moment of interest, as a share of it; half as much before it. */
const MARGIN = 0.6

const LEAST_MARGIN_MS = 120

/** A drawing that shows no more than this share of a scenario is worth having beside that of the whole. */
const CLOSE = 0.35

/** An outage that begins later, while nobody took the virtual IP, has another cause than the fault. */
const AT_ONCE_MS = 1000

/**
 * The time from the fault until another gateway had the virtual IP and clients were answered again, with some room around: what
 * is too small to see when the whole scenario is drawn. Null where neither happened, or where it is no smaller.
 */
export function closeSpan(scenario: ScenarioReport): Span | null {
  const { disturbedAt, undoneAt, durationMs, holders, clients } = scenario
  if (disturbedAt === null) return null
  const isDuring = (at: number): boolean => at >= disturbedAt && at < (undoneAt ?? durationMs)
  const taken = holders.map(({ from }) => from).filter(isDuring)
  const latest = taken.length === 0 ? disturbedAt + AT_ONCE_MS : Math.min(...taken)
  const outage = clients.some(({ failed }) => failed > 0) ? outageSpan(scenario) : null
  const answered = outage !== null && outage.from <= latest && isDuring(outage.to) ? [outage.to] : []
  if (taken.length + answered.length === 0) return null
  const last = Math.max(...answered, ...(taken.length === 0 ? [] : [latest]))
  const margin = Math.max(LEAST_MARGIN_MS, (last - disturbedAt) * MARGIN)
  const span = { from: Math.max(0, disturbedAt - margin / 2), to: Math.min(durationMs, last + margin) }
  const length = span.to - span.from
  return length > 0 && length <= durationMs * CLOSE ? span : null
}
