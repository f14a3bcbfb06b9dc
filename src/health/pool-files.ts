import type { Gateway } from '../model/gateway.js'
import type { HostObservation } from './observation.js'

/**
 * Whether a file of the release was changed by hand in nothing but the `server` lines of a pool: a drain or a weight, which
 * the phase upstreams judges, and no drift of the configuration.
 */
export function onlyServersEdited(_path: string, _seen: HostObservation, _gateway: Gateway): boolean {
  return false
}
