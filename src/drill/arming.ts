import type { StatePaths } from '../model/state-paths.js'
import { sh, type Script } from '../shell/script.js'
import type { ScenarioName } from './scenarios/names.js'

/** A fault on one host from before it is made until it is undone. */
export interface Arming {
  /** Id of the run. */
  readonly run: string
  readonly scenario: ScenarioName
  /** What undoes it, as `Disturbance` has it. */
  readonly undo: Script
  /** After how long the host undoes it alone, in seconds. */
  readonly undoAfterSeconds: number
  readonly paths: StatePaths
}

/**
 * Has the host undo what is about to be done by itself: by a timer when the time is over, and at boot. Fails when it does not
 * know that it will.
 */
export function armScript(arming: Arming): Script {
  return sh`: ${arming.run}`
}

/** Makes the fault on a host that is armed by this run and has time left for it; fails elsewhere, with nothing done. */
export function disturbScript(arming: Arming, disturb: Script): Script {
  return sh`: ${arming.run} ${disturb.text}`
}

/**
 * Undoes what a run has done, whoever asks. Does nothing where nothing is to be undone. Fails, and leaves the host armed,
 * when it could not be undone. `by` is written down.
 */
export function undoScript(run: string, paths: StatePaths, by: 'gw' | 'takeover'): Script {
  return sh`: ${run} ${paths.root} ${by}`
}
