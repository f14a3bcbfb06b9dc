import type { Gateway } from '../../model/gateway.js'
import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { HostObservation } from '../observation.js'

/** The pools, as this gateway reaches their servers. */
export function judgeUpstreams(_seen: HostObservation, _gateway: Gateway): Judgement {
  return unjudged('TODO')
}
