import type { Gateway } from '../../model/gateway.js'
import type { Judgement, ServedCertificate } from '../../model/health.js'
import { unjudged } from '../judgement.js'
import type { FleetObservation, HostObservation } from '../observation.js'

/** The certificates that clients are really shown. */
export function judgeCertificate(
  _seen: HostObservation,
  _fleet: FleetObservation,
  _gateway: Gateway,
): Judgement {
  return unjudged('TODO')
}

/** What was shown in the handshakes. */
export function servedCertificates(_seen: HostObservation): readonly ServedCertificate[] {
  return []
}
