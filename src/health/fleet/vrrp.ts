import type { Gateway } from '../../model/gateway.js'
import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { FleetObservation } from '../observation.js'

export function judgeVrrp(_fleet: FleetObservation, _gateway: Gateway): Judgement {
  return unjudged('TODO')
}
