import type { KeyObject, X509Certificate } from 'node:crypto'
import type { GwError } from '../errors.js'
import type { Certificate } from '../model/tls.js'
import type { Chain, Link } from './chain.js'
import { refusal } from './refusal.js'
import { signatureOf } from './signature.js'
import { formatSpan, formatTime, validityOf } from './validity.js'

const SERVER_PURPOSES = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']
const CURVES = ['prime256v1', 'secp384r1']
const FEWEST_RSA_BITS = 2048
const MOST_NAMES_SHOWN = 10

/**
 * Checks what every client will check.
 * @returns the algorithm of the server's own key
 * @throws GwError CERTIFICATE_INVALID with the first fault
 */
export function checkChain(chain: Chain, domain: string, now: Date): Certificate['algorithm'] {
  const [fault] = faultsOf(chain, domain, now)
  const algorithm = algorithmOf(chain.leaf.certificate)
  if (fault !== undefined) throw fault
  if (algorithm === null) throw new Error('a key of no known kind has passed its check')
  return algorithm
}

/** All for which clients refuse a chain, as CERTIFICATE_INVALID, the worst first. */
export function faultsOf(chain: Chain, domain: string, now: Date): GwError[] {
  const { leaf, issuers } = chain
  const links = [leaf, ...issuers]
  return [
    orderFault(links),
    ...links.map((link) => validityFault(link, now)),
    // Nobody checks the signature of a root: it is trusted by itself.
    ...[leaf, ...issuers.filter((each) => !isRoot(each))].map(signatureFault),
    ...issuers.map(keyFault),
    purposeFault(leaf.name, leaf.certificate.keyUsage),
    domainFault(leaf, domain),
    keyFault(leaf),
  ].filter((fault) => fault !== null)
}

/** The algorithm of a certificate's key; null for one that no gateway serves. */
export function algorithmOf(certificate: X509Certificate): Certificate['algorithm'] | null {
  const type = publicKeyOf(certificate)?.asymmetricKeyType
  if (type === 'rsa') return 'rsa'
  return type === 'ec' ? 'ecdsa' : null
}

/** Whether one certificate was issued by another, which is a CA's: by its names and by its signature. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  const key = publicKeyOf(issuer)
  return key !== null && issuer.ca && certificate.checkIssued(issuer) && certificate.verify(key)
}

/** Only by the alternative names: browsers do not look at the common name. */
export function isFor(certificate: X509Certificate, domain: string): boolean {
  return certificate.checkHost(domain, { subject: 'never' }) !== undefined
}

/** One certificate out of its place is in the way of several others. */
function orderFault(links: readonly Link[]): GwError | null {
  const faults = links.map((link, index) => issuerFault(link, links.slice(index + 1)))
  return faults.find((fault) => fault !== null) ?? null
}

function issuerFault({ certificate }: Link, following: readonly Link[]): GwError | null {
  const [next, ...later] = following
  if (next === undefined || isIssuedBy(certificate, next.certificate)) return null
  const why = `${next.name} did not issue the one before it`
  const related = (other: Link): boolean =>
    isIssuedBy(certificate, other.certificate) || isIssuedBy(other.certificate, certificate)
  return [next, ...later].some(related)
    ? refusal(
        `the chain is in the wrong order: ${why}`,
        "Put the server's own certificate first in the file, then the one that issued it, and so on.",
      )
    : refusal(
        why,
        "Keep the server's own certificate and those that lead to the root, in this order, and take all others out of the file.",
      )
}

function isRoot({ certificate }: Link): boolean {
  return isIssuedBy(certificate, certificate)
}

function validityFault({ certificate, name }: Link, now: Date): GwError | null {
  const { from, to } = validityOf(certificate)
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) {
    return refusal(`${name} does not tell when it is valid`, 'Copy it again from where it was issued.')
  }
  if (now < from) {
    return refusal(
      `${name} is not valid before ${formatTime(from)}, in ${formatSpan(now, from)}`,
      "date -u shows whether this machine's clock is right.",
    )
  }
  if (now < to) return null
  return refusal(
    `${name} expired on ${formatTime(to)}, ${formatSpan(to, now)} ago`,
    'Have it renewed, and put the new certificate in its place, with its key if that is new too.',
  )
}

function signatureFault({ certificate, name }: Link): GwError | null {
  const signature = signatureOf(certificate)
  if (signature === 'accepted') return null
  const how = signature === 'sha-1' ? 'with SHA-1, which browsers refuse' : 'in a way that browsers refuse'
  return refusal(
    `${name} is signed ${how}`,
    'Have it issued again, signed with SHA-256 by an RSA or ECDSA key.',
  )
}

function keyFault({ certificate, name }: Link): GwError | null {
  const key = publicKeyOf(certificate)
  const details = key?.asymmetricKeyDetails ?? {}
  const advice =
    'Have it issued again for an ECDSA key on P-256 or P-384, or an RSA key of 2048 bits or more.'
  if (key?.asymmetricKeyType === 'rsa') {
    const bits = details.modulusLength ?? 0
    if (bits >= FEWEST_RSA_BITS) return null
    return refusal(
      `${name} has an RSA key of ${bits} bits, and browsers refuse less than ${FEWEST_RSA_BITS}`,
      advice,
    )
  }
  if (key?.asymmetricKeyType === 'ec') {
    const curve = details.namedCurve ?? 'without a name'
    if (CURVES.includes(curve)) return null
    return refusal(`${name} has a key on the curve ${curve}, and browsers take P-256 and P-384 only`, advice)
  }
  const kind = key?.asymmetricKeyType ?? 'unknown'
  return refusal(`${name} has a key of the kind ${kind}, which browsers refuse`, advice)
}

/** @param purposes those that the certificate is restricted to; undefined when it is not, which Node's types do not tell */
function purposeFault(name: string, purposes: readonly string[] | undefined): GwError | null {
  if (purposes === undefined || purposes.some((each) => SERVER_PURPOSES.includes(each))) return null
  return refusal(
    `${name} was not issued for a TLS server: its extended key usage leaves that out`,
    'Have it issued again with the extended key usage serverAuth.',
  )
}

function domainFault({ certificate, name }: Link, domain: string): GwError | null {
  if (isFor(certificate, domain)) return null
  const names = alternativeNames(certificate)
  const more = names.length > MOST_NAMES_SHOWN ? `, and ${names.length - MOST_NAMES_SHOWN} more` : ''
  const has =
    names.length === 0
      ? 'it has no alternative names, and browsers do not look at the common name'
      : `its names are ${names.slice(0, MOST_NAMES_SHOWN).join(', ')}${more}`
  return refusal(
    `${name} does not cover the domain ${domain}: ${has}`,
    `Have a certificate issued for ${domain}, or correct \`domain\` in the inventory.`,
  )
}

/** @param names null where they are damaged, which Node's types do not tell */
function alternativeNames({
  subjectAltName: names,
}: {
  readonly subjectAltName?: string | null | undefined
}): string[] {
  return (names ?? '')
    .split(', ')
    .filter((each) => each !== '')
    .map((each) => each.replace(/^(?:DNS|IP Address):/, ''))
}

/** Null when it is of a kind that OpenSSL does not know. */
function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey
  } catch {
    return null
  }
}
