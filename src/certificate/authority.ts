// The library has to find this one's registry when it is loaded.
import 'reflect-metadata'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as LibraryCertificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { createHash, createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Extension, JsonName, Name } from '@peculiar/x509'
import { DAY_MS, LEAF_DAYS, validityOf } from './validity.js'

const CA_DAYS = 3652
/** A client whose clock is late takes a new certificate, too. */
const EARLIER_MS = 3_600_000
const LONGEST_COMMON_NAME = 64

/** A CA's certificate and its key: ECDSA on P-256. */
export interface Authority {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

/** Makes a CA's certificate. All that are made for one key bear one name, so each of them proves what the others issued. */
export async function certifyAuthority(key: KeyObject, now: Date): Promise<X509Certificate> {
  const publicKey = libraryKey(key)
  const name = `gw CA ${createHash('sha256').update(new Uint8Array(publicKey.rawData)).digest('hex').slice(0, 8)}`
  const from = new Date(now.getTime() - EARLIER_MS)
  return sign(key, {
    publicKey,
    subject: [{ CN: [name] }],
    issuer: [{ CN: [name] }],
    from,
    to: new Date(from.getTime() + CA_DAYS * DAY_MS),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
}

/** Issues the certificate of a TLS server for one domain; it ends no later than the CA's. */
export async function issue(
  authority: Authority,
  key: KeyObject,
  domain: string,
  now: Date,
): Promise<X509Certificate> {
  const publicKey = libraryKey(key)
  const { subjectName } = new LibraryCertificate(authority.certificate.raw)
  const from = new Date(now.getTime() - EARLIER_MS)
  const to = Math.min(from.getTime() + LEAF_DAYS * DAY_MS, validityOf(authority.certificate).to.getTime())
  return sign(authority.key, {
    publicKey,
    subject: domain.length <= LONGEST_COMMON_NAME ? [{ CN: [domain] }] : [{ O: ['gw'] }],
    issuer: subjectName,
    from,
    to: new Date(to),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: domain }]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(libraryKey(authority.key)),
    ],
  })
}

interface Content {
  readonly publicKey: PublicKey
  readonly subject: Name | JsonName
  readonly issuer: Name | JsonName
  readonly from: Date
  readonly to: Date
  readonly extensions: readonly Extension[]
}

async function sign(key: KeyObject, content: Content): Promise<X509Certificate> {
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  const made = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: content.subject,
    issuer: content.issuer,
    notBefore: content.from,
    notAfter: content.to,
    publicKey: content.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']),
    signingAlgorithm: ecdsa,
    extensions: [...content.extensions],
  })
  return new X509Certificate(Buffer.from(made.rawData))
}

function libraryKey(key: KeyObject): PublicKey {
  return new PublicKey(createPublicKey(key).export({ type: 'spki', format: 'der' }))
}

/** 127 random bits: a serial number is positive. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0)
  return bytes.toString('hex')
}
