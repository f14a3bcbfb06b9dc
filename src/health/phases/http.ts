import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { HostObservation } from '../observation.js'

/** A request as a client makes it. */
export function judgeHttp(_seen: HostObservation): Judgement {
  return unjudged('TODO')
}

/** The release that its /health names; null when it answered otherwise. */
export function releaseServed(_seen: HostObservation): string | null {
  return null
}
