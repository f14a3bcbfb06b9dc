import { algorithmOf } from '../certificate/checks.js'
import type { Finding } from '../model/health.js'
import { driftOf } from '../release/drift.js'
import { error, warning } from './judgement.js'
import { certificateComplaints, shownWords } from './nginx-words.js'
import type { HostObservation } from './observation.js'
import { onHost } from './on-host.js'
import {
  fingerprintOf,
  nameOf,
  pathOf,
  shownOf,
  TLS_FOLDER,
  type Algorithm,
  type SeenCertificates,
} from './shown-certificates.js'

const ALGORITHMS = ['ecdsa', 'rsa'] as const

/** What NGINX itself says of the certificates and keys that lie there. */
export function complaintFindings({ host, configuration }: HostObservation): Finding[] {
  const help = `gw deploy ENV --overwrite puts back what the inventory has; ${onHost(host, 'nginx -t')} shows whether it helped`
  return certificateComplaints(configuration.nginx.output).map((words) =>
    error(`NGINX would not start again with what lies in ${TLS_FOLDER}: ${words}`, help),
  )
}

/** What lies on the disk, beside what NGINX shows and beside what was published. */
export function fileFindings(own: SeenCertificates): Finding[] {
  const { seen } = own
  const renewed = ALGORITHMS.filter((algorithm) => isRenewed(own, algorithm))
  return [
    ...renewed.map((algorithm) => renewedFinding(seen, algorithm)),
    ...ALGORITHMS.flatMap((algorithm) => misplacedFindings(own, algorithm)),
    ...ALGORITHMS.flatMap((algorithm) => unshownFindings(own, algorithm)),
    ...handFindings(seen, renewed),
  ]
}

/** Whether certificates or keys of the release are not as they were published. */
export function isChangedByHand({ store }: HostObservation): boolean {
  return driftOf(store).some(({ path }) => path.startsWith(TLS_FOLDER))
}

/** Whether another certificate lies on the disk than NGINX shows: it reads its files when it is told to, and not before. */
export function isRenewed(own: SeenCertificates, algorithm: Algorithm): boolean {
  const disk = onDisk(own, algorithm)
  const shown = shownOf(own, algorithm)
  return disk !== null && shown !== undefined && disk !== shown.fingerprint
}

/** The fingerprint of the certificate in the file; null for none of the algorithm. */
export function onDisk({ files }: SeenCertificates, algorithm: Algorithm): string | null {
  const certificate = files[algorithm]
  return certificate !== null && algorithmOf(certificate) === algorithm ? fingerprintOf(certificate) : null
}

/** NGINX itself takes it without a word, and then has one certificate less. */
function misplacedFindings({ files }: SeenCertificates, algorithm: Algorithm): Finding[] {
  const certificate = files[algorithm]
  if (certificate === null || algorithmOf(certificate) === algorithm) return []
  const message = `${pathOf(algorithm)} holds the ${nameOf(algorithmOf(certificate))} in place of the ${nameOf(algorithm)}`
  return [error(message, 'gw deploy ENV --overwrite')]
}

function renewedFinding({ host }: HostObservation, algorithm: Algorithm): Finding {
  return error(
    `the ${nameOf(algorithm)} was renewed on disk, but NGINX still shows the one that it read before`,
    onHost(host, 'systemctl reload nginx'),
  )
}

/** Without any handshake nothing is known of any certificate. */
function unshownFindings(own: SeenCertificates, algorithm: Algorithm): Finding[] {
  const { seen, shown } = own
  const isRefused = seen.handshakes.some(
    (each) => each.algorithm === algorithm && 'failure' in each.probe && each.probe.failure === 'tls',
  )
  const isShown = shownOf(own, algorithm) !== undefined
  if (!isRefused || isShown || shown.length === 0) return []
  const message = `the release has an ${nameOf(algorithm)}, but NGINX shows none`
  return [error(message, onHost(seen.host, '"nginx -T | grep -n ssl_"'))]
}

/** Where NGINX refuses its files or has to read them, that is to be mended first. */
function handFindings(seen: HostObservation, renewed: readonly Algorithm[]): Finding[] {
  if (certificateComplaints(seen.configuration.nginx.output).length > 0) return []
  const isAside = (path: string): boolean =>
    !path.startsWith(TLS_FOLDER) || renewed.some((algorithm) => path.startsWith(`${TLS_FOLDER}${algorithm}.`))
  const changed = driftOf(seen.store).filter(({ path }) => !isAside(path))
  if (changed.length === 0) return []
  const details = shownWords(changed.map(({ path, detail }) => `${path} ${detail}`).join(', '))
  return [
    warning(
      `certificates were changed by hand, and the next deploy does away with that: ${details}`,
      'Put the right ones where `tls` of the inventory has them, then: gw deploy ENV --overwrite',
    ),
  ]
}
