import type { Kind } from '../../src/drill/sample.js'
import type { ScenarioReport } from '../../src/drill/report.js'
import { longestGap, type WireAnswers, type WireGap } from './wire.js'

const KINDS_ON_WIRE = ['tcp', 'tls'] as const satisfies readonly Kind[]

/** What gw says of an outage and what the wire shows of it, for one kind of new connections in one run. Times are in milliseconds. */
export interface Comparison {
  readonly scenario: string
  readonly kind: (typeof KINDS_ON_WIRE)[number]
  /** Since the load began. */
  readonly gw: WireGap
  readonly wire: WireGap
  /** How much longer gw's is. */
  readonly differenceMs: number
  /** How late gw's load was itself. */
  readonly latenessMs: number
}

/** Pure: the longest time between two answers as gw reports it and as it was captured; none of a kind that either did not see. */
export function compared(report: ScenarioReport, answers: WireAnswers): Comparison[] {
  const begin = Date.parse(report.startedAt)
  const span = { from: begin, to: begin + report.durationMs }
  return KINDS_ON_WIRE.flatMap((kind) => {
    const silence = report.clients.find((each) => each.kind === kind)?.silence ?? null
    const gap = longestGap(answers[kind], answers.asked, span)
    if (silence === null || gap === null) return []
    const wire = { from: gap.from - begin, to: gap.to - begin }
    return [
      {
        scenario: report.name,
        kind,
        gw: { from: silence.fromMs, to: silence.toMs },
        wire,
        differenceMs: silence.ms - (wire.to - wire.from),
        latenessMs: report.latenessMs,
      },
    ]
  })
}

/** A table in Markdown. */
export function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ scenario, kind, gw, wire, differenceMs, latenessMs }) =>
    [
      '',
      `\`${scenario}\``,
      kind,
      ...[gw.to - gw.from, wire.to - wire.from, differenceMs, latenessMs].map((ms) => ms.toFixed(1)),
      '',
    ].join(' | '),
  )
  return [
    '| scenario | kind | gw, ms | wire, ms | difference, ms | gw late by, ms |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => row.trim()),
  ].join('\n')
}

/** Those of runs in which gw was late by so many milliseconds at most: no figure of a run is more exact than that. */
export function punctual(comparisons: readonly Comparison[], ms: number): Comparison[] {
  return comparisons.filter(({ latenessMs }) => latenessMs <= ms)
}

/** The greatest difference, either way; 0 for none. */
export function greatestDifference(comparisons: readonly Comparison[]): number {
  return Math.max(0, ...comparisons.map(({ differenceMs }) => Math.abs(differenceMs)))
}
