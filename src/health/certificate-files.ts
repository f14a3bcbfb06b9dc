import type { X509Certificate } from 'node:crypto'
import { parseCertificate } from '../certificate/chain.js'
import { algorithmOf } from '../certificate/checks.js'
import { pemBlocks } from '../certificate/pem.js'
import type { Finding } from '../model/health.js'
import { driftOf } from '../release/drift.js'
import { error, warning } from './judgement.js'
import { certificateComplaints, shownWords } from './nginx-words.js'
import type { HostObservation } from './observation.js'
import { onHost } from './on-host.js'
import { fingerprintOf, nameOf, shownBy, shownOf, type Algorithm } from './shown-certificates.js'

const FOLDER = 'nginx/gw/tls/'
const ALGORITHMS = ['ecdsa', 'rsa'] as const

/** What NGINX itself says of the certificates and keys that lie there. */
export function complaintFindings({ host, configuration }: HostObservation): Finding[] {
  const help = `gw deploy ENV --overwrite puts back what the inventory has; ${onHost(host, 'nginx -t')} shows whether it helped`
  return certificateComplaints(configuration.nginx.output).map((words) =>
    error(`NGINX would not start again with what lies in ${FOLDER}: ${words}`, help),
  )
}

/** What lies on the disk, beside what NGINX shows and beside what was published. */
export function fileFindings(seen: HostObservation): Finding[] {
  const renewed = ALGORITHMS.filter((algorithm) => isRenewed(seen, algorithm))
  return [
    ...renewed.map((algorithm) => renewedFinding(seen, algorithm)),
    ...ALGORITHMS.flatMap((algorithm) => misplacedFindings(seen, algorithm)),
    ...ALGORITHMS.flatMap((algorithm) => unshownFindings(seen, algorithm)),
    ...handFindings(seen, renewed),
  ]
}

/** Whether certificates or keys of the release are not as they were published. */
export function isChangedByHand({ store }: HostObservation): boolean {
  return driftOf(store).some(({ path }) => path.startsWith(FOLDER))
}

/** Whether another certificate lies on the disk than NGINX shows: it reads its files when it is told to, and not before. */
export function isRenewed(seen: HostObservation, algorithm: Algorithm): boolean {
  const disk = onDisk(seen, algorithm)
  const shown = shownOf(seen, algorithm)
  return disk !== null && shown !== undefined && disk !== shown.fingerprint
}

/** The fingerprint of the certificate in the file; null for none of the algorithm. */
export function onDisk(seen: HostObservation, algorithm: Algorithm): string | null {
  const certificate = inFile(seen, algorithm)
  return certificate !== null && algorithmOf(certificate) === algorithm ? fingerprintOf(certificate) : null
}

function inFile({ texts }: HostObservation, algorithm: Algorithm): X509Certificate | null {
  const text = texts.find(({ path }) => path === pathOf(algorithm))?.text ?? ''
  const first = pemBlocks(text).find(({ label }) => label === 'CERTIFICATE')
  return first === undefined ? null : parseCertificate(first.text)
}

function pathOf(algorithm: Algorithm): string {
  return `${FOLDER}${algorithm}.crt`
}

/** NGINX itself takes it without a word, and then has one certificate less. */
function misplacedFindings(seen: HostObservation, algorithm: Algorithm): Finding[] {
  const certificate = inFile(seen, algorithm)
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
function unshownFindings(seen: HostObservation, algorithm: Algorithm): Finding[] {
  const isRefused = seen.handshakes.some(
    (each) => each.algorithm === algorithm && 'failure' in each.probe && each.probe.failure === 'tls',
  )
  const isShown = shownOf(seen, algorithm) !== undefined
  if (!isRefused || isShown || shownBy(seen).length === 0) return []
  const message = `the release has an ${nameOf(algorithm)}, but NGINX shows none`
  return [error(message, onHost(seen.host, '"nginx -T | grep -n ssl_"'))]
}

/** Where NGINX refuses its files or has to read them, that is to be mended first. */
function handFindings(seen: HostObservation, renewed: readonly Algorithm[]): Finding[] {
  if (certificateComplaints(seen.configuration.nginx.output).length > 0) return []
  const isAside = (path: string): boolean =>
    !path.startsWith(FOLDER) || renewed.some((algorithm) => path.startsWith(`${FOLDER}${algorithm}.`))
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
