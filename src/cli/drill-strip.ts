import { splitBrains } from '../drill/holdings.js'
import type { ScenarioReport } from '../drill/report.js'
import type { RequestBins } from '../drill/request-bins.js'
import { KINDS, type Span } from '../drill/sample.js'
import { KIND_TITLES } from '../drill/words.js'
import { columnsText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'

/** Two blanks after a title, and a frame, so that nothing at its ends is seen as such. */
const GAP = 4

/** A strip that is narrower says nothing. */
const NARROWEST = 20

/** What a cell of the strip says; in black and white as well. */
const MARKS = { answered: '\u00b7', failed: 'x', nobody: ' ', held: '=', split: '#' } as const

/** A scenario drawn from its beginning to its end in lines of at most so many columns; empty where there is nothing to draw. */
export function drillStrip(scenario: ScenarioReport, columns: number, paint: Terminal['paintOut']): string {
  const lanes = [...kindLanes(scenario), ...holderLanes(scenario)]
  if (lanes.length === 0 || scenario.durationMs <= 0) return ''
  const head = Math.max(...lanes.map(({ title }) => title.length))
  const width = Math.max(NARROWEST, columns - head - GAP)
  const spans = spansOf(scenario.durationMs, width)
  const rows: Cell[][] = [
    ['', rulerText(scenario, width)],
    ...lanes.map(({ title, markAt }) => [title, `|${spans.map(markAt).join('')}|`]),
  ]
  return `${columnsText(rows, paint)}\n${legendText(scenario, spans[0])}`
}

interface Lane {
  readonly title: string
  readonly markAt: (span: Span) => string
}

function spansOf(durationMs: number, width: number): Span[] {
  const step = durationMs / width
  return Array.from({ length: width }, (_, index) => ({ from: index * step, to: (index + 1) * step }))
}

function kindLanes({ requests }: ScenarioReport): Lane[] {
  return KINDS.flatMap((kind) =>
    requests
      .filter((bins) => bins.kind === kind)
      .map((bins) => ({ title: KIND_TITLES[kind], markAt: (span: Span) => requestMark(bins, span) })),
  )
}

/** A failure among many answers counts: a column may be longer than an outage. */
function requestMark({ binMs, failed, answered }: RequestBins, { from, to }: Span): string {
  const first = Math.floor(from / binMs)
  // A span that is shorter than a bin shows the bin that it lies in.
  const end = Math.max(first + 1, Math.floor(to / binMs))
  const hasSome = (counts: readonly number[]): boolean => counts.slice(first, end).some((count) => count > 0)
  if (hasSome(failed)) return MARKS.failed
  return Object.values(answered).some(hasSome) ? MARKS.answered : MARKS.nobody
}

function holderLanes(scenario: ScenarioReport): Lane[] {
  const { holders, durationMs } = scenario
  const splits = splitBrains(scenario)
  return [...new Set(holders.map(({ host }) => host))].map((host) => {
    const held = holders.flatMap((each) =>
      each.host === host ? [{ from: each.from, to: each.to ?? durationMs }] : [],
    )
    const markAt = (span: Span): string => {
      if (!held.some((each) => overlap(each, span))) return MARKS.nobody
      return splits.some((each) => overlap(each, span)) ? MARKS.split : MARKS.held
    }
    return { title: host, markAt }
  })
}

function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && one.to > other.from
}

/** The fault and its undo above their columns; the undo's word is left out where it has no room. */
function rulerText({ disturbedAt, undoneAt, durationMs }: ScenarioReport, width: number): string {
  const marks = [
    ...(disturbedAt === null ? [] : [{ at: disturbedAt, word: 'v fault' }]),
    ...(undoneAt === null ? [] : [{ at: undoneAt, word: 'v undone' }]),
  ]
  return marks.reduce((ruler, { at, word }) => {
    // One more than that of the lanes, for their frame.
    const column = 1 + Math.min(width - 1, Math.max(0, Math.floor((at / durationMs) * width)))
    const shown = column + word.length <= width ? word : 'v'
    return ruler.length > column ? ruler : ruler.padEnd(column) + shown
  }, '')
}

function legendText(scenario: ScenarioReport, column: Span | undefined): string {
  const { requests, holders } = scenario
  const parts = [
    `a column is ${Math.round((column?.to ?? 0) - (column?.from ?? 0))} ms`,
    ...(requests.length === 0 ? [] : [`${MARKS.answered} all answered`, `${MARKS.failed} some failed`]),
    ...(holders.length === 0 ? [] : [`${MARKS.held} has the virtual IP`]),
    ...(splitBrains(scenario).length === 0 ? [] : [`${MARKS.split} two have it`]),
  ]
  return `(${parts.join('; ')})`
}
