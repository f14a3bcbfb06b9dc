import { courseOf, totalsOf } from '../drill/course.js'
import type { DrillReport } from '../drill/report.js'
import type { ScenarioName } from '../drill/scenarios/names.js'
import { tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { when } from '../ui/text.js'
import { msText } from './clients-text.js'
import { outageText, verdictCell } from './drill-text.js'

type Paint = Terminal['paintOut']

/** Drills as a table, in their order, each with its scenarios below each other. */
export function drillsText(drills: readonly DrillReport[], paint: Paint): string {
  const rows = drills.flatMap((drill) => drillRows(drill))
  return tableText(['RUN', 'WHEN (UTC)', 'ENVIRONMENT', 'VERDICT', 'SCENARIO', 'OUTAGE', ''], rows, paint)
}

function drillRows({ run, startedAt, environment, verdict, scenarios }: DrillReport): Cell[][] {
  const own: Cell[] = [run, when(startedAt), environment, verdictCell(verdict)]
  if (scenarios.length === 0) return [own]
  return scenarios.map((scenario, index) => [
    ...(index === 0 ? own : ['', '', '', '']),
    scenario.name,
    outageText(scenario.outageMs),
    scenario.verdict === 'pass' ? '' : verdictCell(scenario.verdict),
  ])
}

/** How long the longest bar is. */
const BAR = 30

/** A scenario from drill to drill, in their order, with its outages drawn beside each other. */
export function trendText(drills: readonly DrillReport[], name: ScenarioName, paint: Paint): string {
  const found = drills.flatMap((drill) =>
    drill.scenarios.flatMap((scenario) => (scenario.name === name ? [{ drill, scenario }] : [])),
  )
  const longest = Math.max(1, ...found.map(({ scenario }) => scenario.outageMs ?? 0))
  const rows = found.map(({ drill, scenario }): Cell[] => {
    const { outageMs, verdict, clients } = scenario
    const totals = totalsOf(clients)
    return [
      drill.run,
      when(drill.startedAt),
      drill.environment,
      verdictCell(verdict),
      outageText(outageMs),
      totals === null ? '' : `${totals.failed} of ${totals.sent}`,
      courseOf(scenario),
      outageMs === null ? '' : '='.repeat(Math.max(1, Math.round((outageMs / longest) * BAR))),
    ]
  })
  const head = ['RUN', 'WHEN (UTC)', 'ENVIRONMENT', 'VERDICT', 'OUTAGE', 'FAILED', 'VIRTUAL IP', '']
  return `${tableText(head, rows, paint)}\n(the longest bar is ${msText(longest)})`
}
