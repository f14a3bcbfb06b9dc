import { X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Secret } from '../model/secret.js'
import type { Certificate } from '../model/tls.js'
import { readIfThere } from './files.js'
import { keyPem } from './key.js'
import { pemBlocks } from './pem.js'
import { refusal } from './refusal.js'

/** A certificate of a file, and what messages call it. */
export interface Link {
  readonly certificate: X509Certificate
  readonly name: string
}

/** The server's own certificate, and those that lead to the root, in the order of the file. */
export interface Chain {
  readonly leaf: Link
  readonly issuers: readonly Link[]
}

/** @throws GwError CERTIFICATE_INVALID when the file is missing, cannot be read or holds no PEM certificate */
export async function readChain(path: string): Promise<Chain> {
  const text = await readIfThere(path)
  if (text === null) {
    throw refusal(`the certificate ${path} is missing`, `ls -l ${path}`)
  }
  const blocks = pemBlocks(text).filter(({ label }) => label === 'CERTIFICATE')
  const [leaf, ...issuers] = blocks.map((block, index) => readLink(block.text, path, index))
  if (leaf === undefined) {
    throw refusal(
      `${path} holds no certificate in PEM`,
      'A PEM certificate starts with -----BEGIN CERTIFICATE-----.',
      `openssl x509 -inform DER -in ${path} -out CERTIFICATE.pem makes one of a binary certificate.`,
    )
  }
  return { leaf, issuers }
}

function readLink(pem: string, path: string, index: number): Link {
  const name = index === 0 ? `the certificate ${path}` : `certificate ${index + 1} of ${path}`
  const certificate = parseCertificate(pem)
  if (certificate === null) {
    throw refusal(`${name} is damaged`, `Copy ${path} again from where it was issued.`)
  }
  return { certificate, name: index === 0 ? name : `${name} (${subjectOf(certificate)})` }
}

/**
 * What a gateway serves. `chain` is written anew from the certificates alone: whatever else stood in their file, a key even,
 * must not get into a file that all may read.
 */
export function served(
  algorithm: Certificate['algorithm'],
  chain: readonly X509Certificate[],
  key: KeyObject,
): Certificate {
  return {
    algorithm,
    chain: chain.map((certificate) => certificate.toString()).join(''),
    key: new Secret(keyPem(key)),
  }
}

/** Null for what is no certificate. */
export function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

/** Whether the one that issued it is missing: a client that does not know that already will refuse it. */
export function isAlone({ leaf: { certificate }, issuers }: Chain): boolean {
  return issuers.length === 0 && certificate.subject !== certificate.issuer
}

/** The subject in a line, such as "C=US, O=Example, CN=Example CA". Node writes a line for each part, and undefined for none. */
export function subjectOf({ subject }: { readonly subject?: string | undefined }): string {
  return (subject ?? 'without a subject').split('\n').join(', ')
}
