import type { Gateway } from '../../model/gateway.js'
import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { HostObservation } from '../observation.js'

/** The sockets that clients come to. */
export function judgePorts(_seen: HostObservation, _gateway: Gateway): Judgement {
  return unjudged('TODO')
}
