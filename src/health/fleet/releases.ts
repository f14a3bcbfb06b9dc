import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { FleetObservation } from '../observation.js'

export function judgeReleases(_fleet: FleetObservation): Judgement {
  return unjudged('TODO')
}
