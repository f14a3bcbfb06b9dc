import type { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Certificate } from '../model/tls.js'
import { parseCertificate, served } from './chain.js'
import { isFor, isIssuedBy } from './checks.js'
import { makeFolder, placeFirst, readIfThere, replace } from './files.js'
import { authorityPath, CERTIFICATE_MODE, keepAuthority, readAuthority } from './kept-authority.js'
import { keepKey, readKeptKey } from './kept-key.js'
import type { CertificateOptions, LoadedCertificates } from './loaded.js'
import { DAY_MS, formatSpan, formatTime, isRunningOut, isValidAt, LEAF_DAYS, validityOf } from './validity.js'

/** Where a certificate is kept and what it has to be. */
interface Place {
  readonly folder: string
  readonly domain: string
  readonly algorithm: Certificate['algorithm']
  readonly now: Date
}

/**
 * The certificates that a folder's own CA issued for a domain: an ECDSA and an RSA one. What is missing, no longer fits or has
 * less than a third of its life left is made. Any number of gw may do so at the same time: a key is placed once and never
 * written over, and a certificate is replaced by a whole one for that same key.
 * @throws GwError CERTIFICATE_INVALID when the folder holds something else under these names or cannot be written
 */
export async function keepSelfSigned(
  folder: string,
  { domain, now }: Pick<CertificateOptions, 'domain' | 'now'>,
): Promise<LoadedCertificates> {
  await makeFolder(folder)
  // The folder may stand beside an inventory in a repository, and keys have no place there.
  await placeFirst(join(folder, '.gitignore'), '*\n', CERTIFICATE_MODE)
  const authority = (await readAuthority(folder, now)) ?? (await keepAuthority(folder, now)).certificate
  const ecdsa = await keepCertificate({ folder, domain, algorithm: 'ecdsa', now }, authority)
  const rsa = await keepCertificate({ folder, domain, algorithm: 'rsa', now }, authority)
  return { certificates: [ecdsa, rsa], warnings: warnings(authority, folder, now) }
}

async function keepCertificate(place: Place, authority: X509Certificate): Promise<Certificate> {
  return (await readKept(place, authority)) ?? (await make(place))
}

async function readKept(place: Place, authority: X509Certificate): Promise<Certificate | null> {
  const { domain, algorithm, now } = place
  const key = await readKeptKey(path(place, 'key'), algorithm)
  const pem = await readIfThere(path(place, 'crt'))
  const certificate = pem === null ? null : parseCertificate(pem)
  if (key === null || certificate === null) return null
  const fits = certificate.checkPrivateKey(key) && isFor(certificate, domain)
  const lasts = isValidAt(certificate, now) && !isRunningOut(certificate, now)
  return fits && lasts && isIssuedBy(certificate, authority) ? served(algorithm, [certificate], key) : null
}

async function make(place: Place): Promise<Certificate> {
  // Loading the library takes longer than all else here, and is seldom needed.
  const { issue } = await import('./authority.js')
  const authority = await keepAuthority(place.folder, place.now)
  const key = await keepKey(path(place, 'key'), place.algorithm)
  const certificate = await issue(authority, key, place.domain, place.now)
  await replace(path(place, 'crt'), certificate.toString(), CERTIFICATE_MODE)
  return served(place.algorithm, [certificate], key)
}

function path({ folder, domain, algorithm }: Place, extension: 'crt' | 'key'): string {
  return join(folder, `${domain}.${algorithm}.${extension}`)
}

function warnings(authority: X509Certificate, folder: string, now: Date): string[] {
  const { to } = validityOf(authority)
  if (to.getTime() - now.getTime() >= LEAF_DAYS * DAY_MS) return []
  return [
    `the CA ${authorityPath(folder)} expires on ${formatTime(to)}, in ${formatSpan(now, to)}: remove this file, and gw makes it again for the same key; give the new one to the clients`,
  ]
}
