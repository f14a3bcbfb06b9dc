import { createPrivateKey, generateKeyPair } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { Certificate } from '../model/tls.js'
import { pemBlocks } from './pem.js'
import { refusal } from './refusal.js'

const LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']

/**
 * Reads a private key.
 * @param pem the text; what stands around the key in it, parameters of a curve for instance, is left out
 * @param name where it is from, for messages
 * @throws GwError CERTIFICATE_INVALID when there is no key that NGINX could read by itself; it holds none of the text
 */
export function readPrivateKey(pem: string, name: string): KeyObject {
  const blocks = pemBlocks(pem)
  const block = blocks.find(({ label }) => LABELS.includes(label))
  if (block === undefined) throw noKey(name, blocks.map(({ label }) => label).includes('CERTIFICATE'))
  // The second is how OpenSSL wrote protected keys before PKCS #8.
  if (block.label.startsWith('ENCRYPTED ') || block.text.includes('\nProc-Type: 4,ENCRYPTED\n'))
    throw refusal(
      `the key ${name} is protected by a passphrase, which NGINX cannot ask for when it starts`,
      `openssl pkey -in PROTECTED.key -out PLAIN.key writes it without one; keep that file to yourself: chmod 600 PLAIN.key.`,
      'A key that has to stay protected on this machine can come from a command: `key: "cmd:COMMAND"`.',
    )
  try {
    return createPrivateKey(block.text)
  } catch {
    // The cause stays out: it has read the key.
    throw noKey(name, false)
  }
}

function noKey(name: string, holdsCertificate: boolean): Error {
  return refusal(
    holdsCertificate
      ? `the key ${name} is no private key: it holds a certificate`
      : `the key ${name} is no private key in PEM, or is damaged`,
    'The key is the file that starts with -----BEGIN PRIVATE KEY----- (or RSA or EC PRIVATE KEY); it was made together with the certificate.',
  )
}

/** As gw writes keys: PKCS #8, PEM. */
export function keyPem(key: KeyObject): string {
  // Of a PEM export Node's types do not tell that it is text.
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A new key: ECDSA on P-256, or RSA of 2048 bits. */
export async function generateKey(algorithm: Certificate['algorithm']): Promise<KeyObject> {
  const generate = promisify(generateKeyPair)
  const { privateKey } =
    algorithm === 'ecdsa'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 2048 })
  return privateKey
}

/** Whether it is a key as {@link generateKey} makes them. */
export function isKeyFor(key: KeyObject, algorithm: Certificate['algorithm']): boolean {
  return algorithm === 'ecdsa'
    ? key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    : key.asymmetricKeyType === 'rsa'
}
