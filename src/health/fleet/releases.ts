import type { Judgement } from '../../model/health.js'
import { fleetState } from '../../release/fleet-state.js'
import { fleetNextSteps, fleetWords } from '../../release/fleet-words.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, note } from '../judgement.js'
import type { FleetObservation, HostObservation } from '../observation.js'
import { namesOf, unasked } from './members.js'

/** Whether all gateways have the same release published. */
export function judgeReleases(fleet: FleetObservation): Judgement {
  const unknown = fleet.hosts.filter((seen) => !hasRelease(seen))
  const state = fleetState(fleet.hosts.filter(hasRelease).map(settled), [])
  const open = [
    ...(unknown.length === 0
      ? []
      : [note(`what ${namesOf(unknown)} should serve cannot be told: see the phase configuration there`)]),
    ...unasked(fleet),
  ]
  if (state.word !== 'mixed') return judged(open)
  const words = cleanLine(fleetWords(state).join('; '))
  if (fleetState(statesOf(fleet), []).runs.length > 0)
    return judged([note(`${words}: see the check leftovers`), ...open])
  return judged([error(words, fleetNextSteps(state, 'ENV').join(' ')), ...open])
}

/** The gateways as `gw status` sees them. */
export function statesOf({ hosts }: FleetObservation) {
  return hosts.map(({ host, store, lock, drill, holdsAddress }) => ({
    host,
    store,
    lock,
    drill,
    holdsAddress,
  }))
}

function hasRelease({ store: { current, manifest } }: HostObservation): boolean {
  return manifest !== null && manifest.release === current
}

/** Without what the checks holder and leftovers tell of. */
function settled({ host, store }: HostObservation) {
  return {
    host,
    store: { ...store, trial: null, reverted: null },
    lock: null,
    drill: { armed: null, undone: null },
    holdsAddress: null,
  }
}
