import type { KeyObject, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Authority } from './authority.js'
import { parseCertificate } from './chain.js'
import { placeFirst, readIfThere, replace } from './files.js'
import { keepKey, readKeptKey } from './kept-key.js'
import { refusal } from './refusal.js'
import { isValidAt } from './validity.js'

export const CERTIFICATE_MODE = 0o644

export function authorityPath(folder: string): string {
  return join(folder, 'ca.crt')
}

/**
 * The certificate of a folder's CA; null when there is none that is valid now.
 * @throws GwError CERTIFICATE_INVALID when it is something else
 */
export async function readAuthority(folder: string, now: Date): Promise<X509Certificate | null> {
  const certificate = await readCertificate(folder)
  return certificate !== null && isValidAt(certificate, now) ? certificate : null
}

/**
 * The CA of a folder. What is missing is made: the key first, once, then the certificate for it. A certificate that has expired
 * is made again for the same key, so what it issued stays good.
 */
export async function keepAuthority(folder: string, now: Date): Promise<Authority> {
  const keyPath = join(folder, 'ca.key')
  const there = await readCertificate(folder)
  if (there !== null && isValidAt(there, now))
    return { certificate: there, key: await readAuthorityKey(keyPath, folder, there) }
  const { certifyAuthority } = await import('./authority.js')
  const key = await keepKey(keyPath, 'ecdsa')
  const made = await certifyAuthority(key, now)
  const path = authorityPath(folder)
  if (there !== null) await replace(path, made.toString(), CERTIFICATE_MODE)
  else if (!(await placeFirst(path, made.toString(), CERTIFICATE_MODE))) return keepAuthority(folder, now)
  return { certificate: made, key }
}

async function readCertificate(folder: string): Promise<X509Certificate | null> {
  const path = authorityPath(folder)
  const pem = await readIfThere(path)
  if (pem === null) return null
  const certificate = parseCertificate(pem)
  if (certificate?.ca === true) return certificate
  throw refusal(
    `${path} is not the certificate of a CA`,
    `Remove ${path}, and the same command makes it again from the key beside it.`,
  )
}

async function readAuthorityKey(
  path: string,
  folder: string,
  certificate: X509Certificate,
): Promise<KeyObject> {
  const key = await readKeptKey(path, 'ecdsa')
  if (key !== null && certificate.checkPrivateKey(key)) return key
  throw refusal(
    key === null
      ? `the CA in ${folder} cannot issue a certificate: its key ${path} is missing`
      : `the CA in ${folder} cannot issue a certificate: ${path} is not the key of its ca.crt`,
    `Put the key of the CA back to ${path}.`,
    `When it is lost, remove ca.crt and ca.key from ${folder}: the same command makes a new CA, which clients then have to trust.`,
  )
}
