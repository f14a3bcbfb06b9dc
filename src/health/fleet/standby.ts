import type { HostHealth, Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { FleetObservation } from '../observation.js'

export function judgeStandby(_fleet: FleetObservation, _hosts: readonly HostHealth[]): Judgement {
  return unjudged('TODO')
}
