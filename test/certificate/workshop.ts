import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export const DOMAIN = 'api.example.com'
export const NOW = new Date('2026-06-01T12:00:00Z')

/** How a certificate is signed: the algorithm as WebCrypto names it, and the hash. */
export interface Signature {
  readonly name: 'ECDSA' | 'RSASSA-PKCS1-v1_5' | 'RSA-PSS' | 'Ed25519'
  readonly hash: 'SHA-1' | 'SHA-256'
}

/** A certificate of any kind, bad ones too; what is left out is as it should be. */
interface Recipe {
  /** Common name of the subject; empty for none. */
  readonly name?: string
  readonly key?: KeyObject
  /** Default: the certificate itself. */
  readonly issuer?: Made
  /** Alternative names. */
  readonly names?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly ca?: boolean
  readonly purposes?: readonly string[]
  readonly signature?: Signature
}

/** `certificate` and `key` are PEM. */
export interface Made {
  readonly name: string
  readonly certificate: string
  readonly key: string
  readonly privateKey: KeyObject
}

export function curveKey(namedCurve: string): KeyObject {
  return generateKeyPairSync('ec', { namedCurve }).privateKey
}

export function rsaKey(modulusLength: number): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey
}

export async function make(recipe: Recipe = {}): Promise<Made> {
  const { name = 'leaf', key = curveKey('P-256'), issuer, names = [DOMAIN] } = recipe
  const { from = '2026-01-01', to = '2027-01-01', ca = false, purposes } = recipe
  const signature = recipe.signature ?? { name: 'ECDSA', hash: 'SHA-256' }
  const algorithm = { ...signature, namedCurve: 'P-256', saltLength: 32 }
  const signer = (issuer?.privateKey ?? key).export({ type: 'pkcs8', format: 'der' })
  const made = await X509CertificateGenerator.create({
    subject: commonName(name),
    issuer: commonName(issuer?.name ?? name),
    notBefore: new Date(from),
    notAfter: new Date(to),
    publicKey: new PublicKey(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    signingKey: await webcrypto.subtle.importKey('pkcs8', signer, algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(ca, undefined, true),
      ...(names.length === 0
        ? []
        : [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))]),
      ...(purposes === undefined ? [] : [new ExtendedKeyUsageExtension([...purposes])]),
    ],
  })
  return {
    name,
    certificate: `${made.toString('pem')}\n`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey: key,
  }
}

function commonName(name: string): { CN: string[] }[] {
  return name === '' ? [] : [{ CN: [name] }]
}

export async function makeAuthority(name = 'CA', issuer?: Made): Promise<Made> {
  return make({ name, ca: true, names: [], to: '2036-01-01', ...(issuer === undefined ? {} : { issuer }) })
}
