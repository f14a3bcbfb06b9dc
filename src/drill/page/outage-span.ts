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
  const isJudged = ({ from, to }: Span): boolean =>
    outageMs !== null && Math.round(to - from) === Math.round(outageMs)
  return seen.find(isJudged) ?? seen[0] ?? null
}

/** How much longer than the scenario's moment of interest its neighbourhood is. */
const MARGIN = 0.6

const LEAST_MARGIN_MS = 120

/** A drawing that shows no more than this share of a scenario is worth having beside that of the whole. */
const CLOSE = 0.35

/**
 * The time from the fault to the last thing that it brought about at once, with some room around: what is too small to see when
 * the whole scenario is drawn. Null where nothing happened, or where it is no smaller.
 */
export function closeSpan(scenario: ScenarioReport): Span | null {
  const { disturbedAt, undoneAt, durationMs, holders } = scenario
  if (disturbedAt === null) return null
  const outage = outageSpan(scenario)
  const ended = undoneAt ?? durationMs
  const within = (at: number): boolean => at >= disturbedAt && at < ended
  const ends = [
    ...holders.map(({ from }) => from).filter(within),
    ...(outage !== null && scenario.clients.some(({ failed }) => failed > 0) && within(outage.to)
      ? [outage.to]
      : []),
  ]
  if (ends.length === 0) return null
  const last = Math.max(...ends)
  const margin = Math.max(LEAST_MARGIN_MS, (last - disturbedAt) * MARGIN)
  const span = { from: Math.max(0, disturbedAt - margin / 2), to: Math.min(durationMs, last + margin) }
  return span.to - span.from <= durationMs * CLOSE ? span : null
}
