import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadCertificates } from '../../src/certificate/load.js'
import type { LoadedCertificates } from '../../src/certificate/loaded.js'
import { Secret } from '../../src/model/secret.js'
import { DOMAIN, NOW } from './workshop.js'

const LEAVES = [`${DOMAIN}.ecdsa`, `${DOMAIN}.rsa`]
/** What a folder of self-signed certificates holds, in the order of the names. */
export const KEPT_FILES = [
  '.gitignore',
  ...[...LEAVES, 'ca'].flatMap((name) => [`${name}.crt`, `${name}.key`]).sort(),
]

export function keep(folder: string, now = NOW, domain = DOMAIN): Promise<LoadedCertificates> {
  const resolveKey = () => Promise.resolve(new Secret('unused'))
  return loadCertificates({ kind: 'self-signed', folder }, { domain, now, resolveKey })
}

/** The texts of a folder's files by name. */
export async function readFolder(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const name of (await readdir(folder)).sort())
    texts.set(name, await readFile(join(folder, name), 'utf8'))
  return texts
}

export async function writeFolder(folder: string, texts: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, text] of texts) await writeFile(join(folder, name), text)
}

/** Permissions in octal. */
export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

/** Holds that everything in the folder, and what was loaded from it, fits together. */
export async function expectConsistent(folder: string, { certificates }: LoadedCertificates): Promise<void> {
  const texts = await readFolder(folder)
  expect([...texts.keys()]).toEqual(KEPT_FILES)
  const text = (name: string): string => texts.get(name) ?? ''
  const authority = new X509Certificate(text('ca.crt'))
  expect(authority.checkPrivateKey(createPrivateKey(text('ca.key')))).toBe(true)
  expect(certificates.map(({ algorithm }) => algorithm)).toEqual(['ecdsa', 'rsa'])
  for (const [index, name] of LEAVES.entries()) {
    const { chain = '', key } = certificates[index] ?? {}
    expect(key?.reveal()).toBe(text(`${name}.key`))
    for (const pem of [chain, text(`${name}.crt`)]) {
      const certificate = new X509Certificate(pem)
      expect(certificate.checkPrivateKey(createPrivateKey(text(`${name}.key`)))).toBe(true)
      expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true)
      expect(certificate.checkHost(DOMAIN)).toBe(DOMAIN)
    }
  }
}
