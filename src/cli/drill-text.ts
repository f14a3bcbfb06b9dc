import { courseOf, outagesBefore, totalsOf } from '../drill/course.js'
import { isLate, measuredWarnings } from '../drill/exactness.js'
import type { DrillEvent, DrillReport, DrillVerdict, ScenarioReport } from '../drill/report.js'
import { cleanLine } from '../shell/clean.js'
import { columnsText, tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { seconds, when } from '../ui/text.js'
import { clientsText, msText } from './clients-text.js'
import { drillStrip } from './drill-strip.js'

type Paint = Terminal['paintOut']

/** How wide a timeline is at most. */
const WIDEST = 100

const VERDICT_STYLES = {
  pass: 'green',
  deviated: 'red',
  aborted: 'red',
  inconclusive: 'yellow',
} as const satisfies Record<DrillVerdict, string>

/**
 * A drill for people: a table of the scenarios, and for each its timeline and what clients saw.
 * @param earlier drills of which those of the same environment are compared with
 * @param columns how wide the terminal is
 */
export function drillText(
  report: DrillReport,
  earlier: readonly DrillReport[],
  paint: Paint,
  columns = WIDEST,
): string {
  const width = Math.min(columns, WIDEST)
  return [
    headText(report, paint),
    ...(report.scenarios.length === 0 ? [] : [overviewText(report, earlier, paint)]),
    ...(report.skipped.length === 0 ? [] : [`Not begun: ${report.skipped.join(', ')}`]),
    ...report.scenarios.map((scenario) => scenarioText(scenario, { report, paint, width })),
    nextText(report),
  ].join('\n\n')
}

/** A verdict in its colour. */
export function verdictCell(verdict: DrillVerdict): Cell {
  return { text: verdict, style: VERDICT_STYLES[verdict] }
}

/** What an outage was: `38 ms`. */
export function outageText(outageMs: number | null): string {
  return outageMs === null ? 'not measured' : msText(outageMs)
}

function headText(
  { run, environment, by, command, gw, startedAt, ...rest }: DrillReport,
  paint: Paint,
): string {
  const { durationMs, settings, address, verdict } = rest
  const { from, rate, maxOutageMs } = settings
  const asked = `${rate} new TCP and TLS connections a second each, asked from ${from ?? 'this machine'}`
  return columnsText(
    [
      ['drill', `${run} of ${environment}, ${address}`],
      ['command', command],
      ['by', `${by}, with gw ${gw}`],
      ['begun', `${when(startedAt)} UTC, took ${seconds(durationMs)}`],
      ['clients', `${asked}; an outage of up to ${msText(maxOutageMs)} is allowed`],
      ['verdict', verdictCell(verdict)],
    ],
    paint,
  )
}

function overviewText(report: DrillReport, earlier: readonly DrillReport[], paint: Paint): string {
  const head = ['SCENARIO', 'VERDICT', 'OUTAGE', 'SENT', 'FAILED', 'CUT', 'UNDONE BY', 'BEFORE', 'VIRTUAL IP']
  const rows = report.scenarios.map((scenario): Cell[] => {
    const totals = totalsOf(scenario.clients)
    const figures = totals === null ? ['', '', ''] : [totals.sent, totals.failed, totals.cut].map(String)
    return [
      scenario.name,
      verdictCell(scenario.verdict),
      `${isLate(scenario) ? '~' : ''}${outageText(scenario.outageMs)}`,
      ...figures,
      scenario.undoneBy ?? '',
      beforeText(scenario, report, earlier),
      courseOf(scenario),
    ]
  })
  return tableText(head, rows, paint)
}

/** The outage of the last drill before, and how much more it is now. */
function beforeText(scenario: ScenarioReport, report: DrillReport, earlier: readonly DrillReport[]): string {
  const { name, outageMs } = scenario
  const last = outagesBefore(report, earlier, name).at(-1)
  if (last === undefined) return ''
  // Between figures that are not exact there is no difference to tell.
  if (outageMs === null || isLate(scenario) || isLate(last)) return msText(last.outageMs)
  const more = Math.round(outageMs) - Math.round(last.outageMs)
  return `${msText(last.outageMs)} (${more > 0 ? '+' : ''}${more})`
}

interface Shown {
  readonly report: DrillReport
  readonly paint: Paint
  readonly width: number
}

function scenarioText(scenario: ScenarioReport, { report, paint, width }: Shown): string {
  const { name, verdict, reasons, clients, unmeasured, latenessMs } = scenario
  const notes = [
    ...(verdict === 'pass' ? [] : reasons),
    ...measuredWarnings({ clients, unmeasured, latenessMs }, report.address),
  ]
  const strip = drillStrip(scenario, width, paint)
  const title = `${paint('bold', name)}: ${paint(VERDICT_STYLES[verdict], verdict)}`
  return [
    [title, ...notes.map((note) => `  ${cleanLine(note)}`)].join('\n'),
    ...(strip === '' ? [] : [strip]),
    ...(scenario.events.length === 0 ? [] : [eventsText(scenario, paint)]),
    ...(clients.length === 0 ? [] : [clientsText(clients, paint)]),
  ].join('\n\n')
}

/** A line an event; times count from the fault, from the beginning where none was made. */
function eventsText({ events, disturbedAt }: ScenarioReport, paint: Paint): string {
  const rows = events
    .toSorted((one, other) => one.at - other.at)
    .map((event): Cell[] => [since(event, disturbedAt ?? 0), event.host ?? 'gw', event.text])
  return columnsText(rows, paint)
}

function since({ at }: DrillEvent, zero: number): string {
  const ms = Math.round(at - zero)
  return `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1000).toFixed(3)} s`.padStart(10)
}

function nextText({ environment }: DrillReport): string {
  const typed = cleanLine(environment)
  return `gw drills ${typed} lists the drills before, and compares them with --scenario NAME.`
}
