import type { X509Certificate } from 'node:crypto'
import { parseCertificate, subjectOf, type Chain } from '../certificate/chain.js'
import { algorithmOf } from '../certificate/checks.js'
import { pemBlocks } from '../certificate/pem.js'
import type { ServedCertificate } from '../model/health.js'
import type { Probe, TlsAnswer } from '../probe/probe.js'
import { cleanLine } from '../shell/clean.js'
import type { FleetObservation, HostObservation } from './observation.js'

export type Algorithm = ServedCertificate['algorithm']

/** A certificate as it was shown in a handshake, with the chain that came with it. */
export interface ShownCertificate {
  /** Null for a key that no gateway has. */
  readonly algorithm: Algorithm | null
  /** SHA-256 in small hexadecimal digits. */
  readonly fingerprint: string
  /** Its names are for messages, and clean. */
  readonly chain: Chain
  /** Why a client would not trust it; null when it would. */
  readonly distrusted: string | null
}

/** A gateway with its certificates, parsed. */
export interface SeenCertificates {
  readonly seen: HostObservation
  /** What it shows on its own address, each certificate once. */
  readonly shown: readonly ShownCertificate[]
  /** The first certificate of each file; null for none that makes sense. */
  readonly files: Readonly<Record<Algorithm, X509Certificate | null>>
}

/** What was seen of all gateways, with the certificates of each. */
export interface FleetCertificates {
  readonly fleet: FleetObservation
  readonly certificates: readonly SeenCertificates[]
}

/** Where the certificates of a release lie, with their keys. */
export const TLS_FOLDER = 'nginx/gw/tls/'

export function certificatesOf(seen: HostObservation): SeenCertificates {
  const files = { ecdsa: inFile(seen, 'ecdsa'), rsa: inFile(seen, 'rsa') }
  return { seen, shown: shownBy(seen), files }
}

export function pathOf(algorithm: Algorithm): string {
  return `${TLS_FOLDER}${algorithm}.crt`
}

function inFile({ texts }: HostObservation, algorithm: Algorithm): X509Certificate | null {
  const text = texts.find(({ path }) => path === pathOf(algorithm))?.text ?? ''
  const first = pemBlocks(text).find(({ label }) => label === 'CERTIFICATE')
  return first === undefined ? null : parseCertificate(first.text)
}

function shownBy({ own, handshakes }: HostObservation): ShownCertificate[] {
  const probes: readonly Probe<TlsAnswer>[] = [...handshakes.map(({ probe }) => probe), own]
  const shown = probes.flatMap((probe) => shownIn(probe) ?? [])
  return shown.filter(
    ({ fingerprint }, index) => shown.findIndex((each) => each.fingerprint === fingerprint) === index,
  )
}

/** The one that was shown; null when there was no handshake. */
export function shownIn(probe: Probe<TlsAnswer>): ShownCertificate | null {
  if ('failure' in probe) return null
  const [leaf, ...issuers] = probe.answer.chain.map(parseCertificate)
  if (leaf === undefined || leaf === null) return null
  const algorithm = algorithmOf(leaf)
  return {
    algorithm,
    fingerprint: fingerprintOf(leaf),
    chain: {
      leaf: { certificate: leaf, name: `the ${nameOf(algorithm)}` },
      issuers: issuers.flatMap((certificate, index) =>
        certificate === null
          ? []
          : [{ certificate, name: issuerName(certificate, index + 2, nameOf(algorithm)) }],
      ),
    },
    distrusted: probe.answer.distrusted,
  }
}

/** That of an algorithm which a gateway shows on its own address; undefined for none. */
export function shownOf({ shown }: SeenCertificates, algorithm: Algorithm): ShownCertificate | undefined {
  return shown.find((each) => each.algorithm === algorithm)
}

/** Such as `ECDSA certificate`. */
export function nameOf(algorithm: Algorithm | null): string {
  return algorithm === null ? 'certificate' : `${algorithm.toUpperCase()} certificate`
}

export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

function issuerName(certificate: X509Certificate, place: number, name: string): string {
  return `certificate ${place} in the chain of the ${name} (${cleanLine(subjectOf(certificate))})`
}
