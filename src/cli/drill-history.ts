import type { DrillReport } from '../drill/report.js'
import type { Environment } from '../inventory/local-user.js'

/** Drills that were run from this machine, each in a file of its own that only its user reads. */
export class DrillHistory {
  constructor(readonly folder: string) {}

  /** Keeps a drill, whole or not at all, and its page beside it. Answers the path of the page. */
  save(_report: DrillReport): Promise<string> {
    return Promise.reject(new Error('not made yet'))
  }

  /** Those of an environment, or all; the newest last. Files that make no sense are passed over. */
  list(_environment: string | null): Promise<readonly DrillReport[]> {
    return Promise.resolve([])
  }
}

/** The folder of the drills: `gw/drills` beside the journals. */
export function drillFolder(_env: Environment): string {
  throw new Error('not made yet')
}
