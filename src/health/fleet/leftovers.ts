import type { ArmedDrill, DrillState } from '../../facts/drill-state.js'
import type { Finding, Judgement } from '../../model/health.js'
import { armedWords, isEnded, undoDrillStep, undoneWords } from '../../release/fleet-drills.js'
import { fleetState, type FleetState, type OpenRun } from '../../release/fleet-state.js'
import { fleetNextSteps, handLockWords, openRunWords, revertedWords } from '../../release/fleet-words.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, warning } from '../judgement.js'
import type { FleetObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { unasked } from './members.js'
import { statesOf } from './releases.js'

/** What runs and people have left on the gateways: locks, publishes that nobody confirmed, drills, and what was undone. */
export function judgeLeftovers(fleet: FleetObservation): Judgement {
  const state = fleetState(statesOf(fleet), [])
  return judged([
    ...state.runs.map((run) => runFinding(run, state)),
    ...state.handLocks.map((lock) => warning(cleanLine(handLockWords(lock)), 'gw lock release ENV')),
    ...revertedWords(state.reverted).map((words) =>
      warning(cleanLine(words), 'See why in /var/log/gw/audit.jsonl of the host; then: gw deploy ENV'),
    ),
    ...Object.entries(state.drills).flatMap(([host, drill]) => drillFindings(host, drill)),
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

function drillFindings(host: string, { armed, undone }: DrillState): Finding[] {
  return [
    ...(armed === null ? [] : [armedFinding(host, armed)]),
    ...(undone === null || isEnded(undone)
      ? []
      : [
          warning(
            cleanLine(undoneWords(host, undone)),
            `gw history ENV shows who ran it; the next drill ends this warning, or ${onHost(host, 'rm /var/lib/gw/drilled')}`,
          ),
        ]),
  ]
}

function armedFinding(host: string, armed: ArmedDrill): Finding {
  const words = cleanLine(armedWords(host, armed))
  return armed.leftSeconds < 0
    ? error(words, undoDrillStep(host, 'ENV'))
    : warning(words, 'gw lock status ENV shows whose drill it is, and whether it still goes on')
}
