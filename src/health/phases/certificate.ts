import { validityOf } from '../../certificate/validity.js'
import type { Gateway } from '../../model/gateway.js'
import type { Judgement, ServedCertificate } from '../../model/health.js'
import { complaintFindings, fileFindings, isChangedByHand } from '../certificate-files.js'
import { itselfFindings } from '../certificate-itself.js'
import { pairFindings } from '../certificate-pair.js'
import { judged, unjudged } from '../judgement.js'
import { unasked } from '../reachable.js'
import type { FleetCertificates, SeenCertificates } from '../shown-certificates.js'
import { unreadTexts } from '../unread-texts.js'

/** The certificates that clients are really shown, by this gateway and through the virtual IP. */
export function judgeCertificate(own: SeenCertificates, all: FleetCertificates, gateway: Gateway): Judgement {
  const { seen, shown } = own
  const complaints = complaintFindings(seen)
  const aside =
    unasked(seen) ?? (shown.length === 0 ? unjudged('no certificate was shown: see the phase http') : null)
  if (aside !== null) return complaints.length === 0 ? aside : judged(complaints)
  const judging = { gateway, now: all.fleet.now, byHand: isChangedByHand(seen) }
  return judged([
    ...shown.flatMap((each) => itselfFindings(each, judging)),
    ...complaints,
    ...fileFindings(own),
    ...unreadTexts(seen, 'nginx/gw/tls/', '.crt'),
    ...pairFindings(own, all),
  ])
}

/** What was shown in the handshakes. */
export function servedCertificates({ shown }: SeenCertificates): readonly ServedCertificate[] {
  return shown.flatMap(({ algorithm, fingerprint, chain: { leaf } }) => {
    const { to } = validityOf(leaf.certificate)
    if (algorithm === null || Number.isNaN(to.getTime())) return []
    return [{ algorithm, fingerprint, notAfter: to.toISOString() }]
  })
}
