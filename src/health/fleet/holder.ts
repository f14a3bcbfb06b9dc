import type { Gateway } from '../../model/gateway.js'
import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { FleetObservation } from '../observation.js'

export function judgeHolder(_fleet: FleetObservation, _gateway: Gateway): Judgement {
  return unjudged('TODO')
}

/** The host that has the virtual IP; null unless exactly one has. */
export function holderOf(_fleet: FleetObservation): string | null {
  return null
}
