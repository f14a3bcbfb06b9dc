import type { Certificate } from '../model/tls.js'
import { served } from './chain.js'
import { generateKey } from './key.js'

/** A certificate for a domain, by a CA that nobody keeps: what is rendered with it passes NGINX's test and is for no client. */
export async function throwawayCertificate(
  domain: string,
  now: Date,
  algorithm: Certificate['algorithm'] = 'ecdsa',
): Promise<Certificate> {
  const { certifyAuthority, issue } = await import('./authority.js')
  const authorityKey = await generateKey('ecdsa')
  const authority = { key: authorityKey, certificate: await certifyAuthority(authorityKey, now) }
  const key = await generateKey(algorithm)
  return served(algorithm, [await issue(authority, key, domain, now), authority.certificate], key)
}
