import type { Judgement } from '../../model/health.js'
import { fleetState } from '../../release/fleet-state.js'
import { fleetNextSteps, fleetWords } from '../../release/fleet-words.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, note } from '../judgement.js'
import type { FleetObservation } from '../observation.js'
import { unasked } from './members.js'

/** Whether all gateways have the same release published. */
export function judgeReleases(fleet: FleetObservation): Judgement {
  const { runs } = fleetState(statesOf(fleet), [])
  // Who is at work and what was left is told by another check.
  const settled = statesOf(fleet).map(({ host, store }) => ({
    host,
    store: { ...store, trial: null, reverted: null },
    lock: null,
    holdsAddress: null,
  }))
  const state = fleetState(settled, [])
  const words = cleanLine(fleetWords(state).join('; '))
  if (state.word !== 'mixed') return judged(unasked(fleet))
  if (runs.length > 0) return judged([note(`${words}: see the check leftovers`), ...unasked(fleet)])
  return judged([error(words, fleetNextSteps(state, 'ENV').join(' ')), ...unasked(fleet)])
}

/** The gateways as `gw status` sees them. */
export function statesOf({ hosts }: FleetObservation) {
  return hosts.map(({ host, store, lock, holdsAddress }) => ({ host, store, lock, holdsAddress }))
}
