import type { KeyObject } from 'node:crypto'
import type { Certificate } from '../model/tls.js'
import { placeFirst, readIfThere } from './files.js'
import { generateKey, isKeyFor, keyPem, readPrivateKey } from './key.js'
import { refusal } from './refusal.js'

const KEY_MODE = 0o600

/** The key in a file that gw made, null when there is none. */
export async function readKeptKey(
  path: string,
  algorithm: Certificate['algorithm'],
): Promise<KeyObject | null> {
  const pem = await readIfThere(path)
  if (pem === null) return null
  const key = readPrivateKey(pem, path)
  if (isKeyFor(key, algorithm)) return key
  throw refusal(
    `${path} is not the kind of key that gw makes for it`,
    `Give certificates of your own as files: \`tls: { files: { certificate: PATH, key: "file:PATH" } }\`.`,
    `If nothing needs this key, remove ${path}, and gw makes a new one.`,
  )
}

/**
 * The key in a file; made when there is none. It is placed once and never written over, so all gw that look for it at the same
 * time end with the same key, and a certificate made for it fits, whichever of them made it.
 */
export async function keepKey(path: string, algorithm: Certificate['algorithm']): Promise<KeyObject> {
  const kept = await readKeptKey(path, algorithm)
  if (kept !== null) return kept
  const made = await generateKey(algorithm)
  if (await placeFirst(path, keyPem(made), KEY_MODE)) return made
  return (await readKeptKey(path, algorithm)) ?? made
}
