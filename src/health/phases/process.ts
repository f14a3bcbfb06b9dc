import type { Judgement } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { HostObservation } from '../observation.js'

/** NGINX's processes: master, workers, generations that finish, orphans; and the prober beside it. */
export function judgeProcess(_seen: HostObservation): Judgement {
  return unjudged('TODO')
}
