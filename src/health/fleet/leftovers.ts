import type { Finding, Judgement } from '../../model/health.js'
import { fleetState, type FleetState, type OpenRun } from '../../release/fleet-state.js'
import { fleetNextSteps, handLockWords, openRunWords, revertedWords } from '../../release/fleet-words.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, warning } from '../judgement.js'
import type { FleetObservation } from '../observation.js'
import { unasked } from './members.js'
import { statesOf } from './releases.js'

/** What runs and people have left on the gateways: locks, publishes that nobody confirmed, and what was undone. */
export function judgeLeftovers(fleet: FleetObservation): Judgement {
  const state = fleetState(statesOf(fleet), [])
  return judged([
    ...state.runs.map((run) => runFinding(run, state)),
    ...state.handLocks.map((lock) => warning(cleanLine(handLockWords(lock)), 'gw lock release ENV')),
    ...revertedWords(state.reverted).map((words) =>
      warning(cleanLine(words), 'See why in /var/log/gw/audit.jsonl of the host; then: gw deploy ENV'),
    ),
    ...unasked(fleet),
  ])
}

function runFinding(run: OpenRun, state: FleetState): Finding {
  const words = cleanLine(openRunWords(run))
  const nextSteps = (runs: readonly OpenRun[], word: FleetState['word']) =>
    fleetNextSteps({ ...state, runs, word }, 'ENV').join(' ')
  return run.alive
    ? warning(words, nextSteps([run], 'running'))
    : error(words, nextSteps([run], 'unfinished'))
}
