import type { DrillReport } from '../drill/report.js'

/** What `--json` has of a drill that did not come to its first scenario. */
export const NO_DRILL = { verdict: null, scenarios: [], skipped: [], report: null }

/** What `--json` has of a drill: figures of its scenarios; `report` is the path of its page, null where none is kept. */
export function drillJson(drill: DrillReport, report: string | null): Record<string, unknown> {
  return { verdict: drill.verdict, scenarios: drill.scenarios, skipped: drill.skipped, report }
}
