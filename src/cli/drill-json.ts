import { totalsOf } from '../drill/course.js'
import type { DrillReport, ScenarioReport } from '../drill/report.js'
import { clientsJson, rounded } from './clients-json.js'

/** What `--json` has of a drill that did not come to its first scenario. */
export const NO_DRILL = { verdict: null, scenarios: [], skipped: [], report: null }

/** What `--json` has of a drill: figures of its scenarios; `report` is the path of its page, null where none is kept. */
export function drillJson(drill: DrillReport, report: string | null): Record<string, unknown> {
  const { verdict, skipped } = drill
  return { verdict, scenarios: drill.scenarios.map(scenarioJson), skipped, report }
}

/** Times are in milliseconds since the scenario began. */
function scenarioJson(scenario: ScenarioReport) {
  const { name, verdict, reasons, hosts, holderBefore, holderAfter, clients } = scenario
  const { startedAt, undoneBy, holders, events, clocks } = scenario
  const { sent, failed, clients: figures } = clientsJson(clients)
  return {
    ...{ name, verdict, reasons, hosts, holderBefore, holderAfter },
    ...{ startedAt, durationMs: rounded(scenario.durationMs) },
    disturbedAt: rounded(scenario.disturbedAt),
    undoneAt: rounded(scenario.undoneAt),
    undoneBy,
    outageMs: rounded(scenario.outageMs),
    ...{ sent, failed, cut: totalsOf(clients)?.cut ?? null },
    latenessMs: rounded(scenario.latenessMs),
    unmeasured: scenario.unmeasured,
    clients: figures,
    ...{ holders, events, clocks },
  }
}
