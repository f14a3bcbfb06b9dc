import type { Gateway } from '../../model/gateway.js'
import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { HostObservation } from '../observation.js'

/** What the programs say of their files, and whether what is on disk is what is loaded and what was published. */
export function judgeConfiguration(_seen: HostObservation, _gateway: Gateway): Judgement {
  return unjudged('TODO')
}
