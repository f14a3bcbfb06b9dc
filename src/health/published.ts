import type { Judgement } from '../model/health.js'
import { RELEASE_NAME } from '../model/release.js'
import { unjudged } from './judgement.js'
import type { HostObservation } from './observation.js'

/** Whether a release of gw's is published, from which everything else on a gateway comes. */
export function isPublished({ store: { current } }: Pick<HostObservation, 'store'>): boolean {
  return current !== null && RELEASE_NAME.test(current)
}

/** Where no release is published, nothing that depends on one is a fault of its own. */
export function unpublished(seen: Pick<HostObservation, 'store'>): Judgement | null {
  return isPublished(seen) ? null : unjudged('no release is published: see the phase configuration')
}
