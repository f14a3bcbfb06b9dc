import type { StatePaths } from '../model/state-paths.js'
import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface DrillQuestion {
  readonly paths: StatePaths
}

/** A drill's fault that is not undone. */
export interface ArmedDrill {
  readonly run: string
  readonly scenario: string
  /** In how many seconds the host undoes it alone; less than 0 when it should have. */
  readonly leftSeconds: number
}

/** A drill's fault that was undone last. */
export interface UndoneDrill {
  readonly run: string
  readonly scenario: string
  /** UTC, ISO 8601, by the clock of the host. */
  readonly time: string
  /** `gw`: by the run itself. `host`: when the time was over. `boot`: at boot. `takeover`: by another run that took its lock over. */
  readonly by: 'gw' | 'host' | 'boot' | 'takeover'
}

export interface DrillState {
  readonly armed: ArmedDrill | null
  readonly undone: UndoneDrill | null
}

/** What drills have left on a host; texts are clean. */
export const drillState: Fact<DrillQuestion, DrillState> = {
  name: 'drill',
  script: () => sh`:`,
  parse: (_output, args) => args.map(() => ({ armed: null, undone: null })),
}
