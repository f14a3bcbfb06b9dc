import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadCertificates } from '../../src/certificate/load.js'
import type { LoadedCertificates } from '../../src/certificate/loaded.js'
import { Secret } from '../../src/model/secret.js'
import type { SecretReference } from '../../src/model/secret.js'
import { DOMAIN, NOW } from './workshop.js'

/** The contents of a pair's two files; null for a file that is not there. */
export interface Contents {
  readonly certificate: string | null
  readonly key: string
}

/** A new folder that goes when the test that asked for it has ended. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gw-certificate-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** Loads pairs from the files `1.crt` and `1.key`, `2.crt` and `2.key`, and so on of a folder. */
export async function loadPairs(
  folder: string,
  contents: readonly Contents[],
  now = NOW,
): Promise<LoadedCertificates> {
  const pairs = contents.map((_, index) => ({
    certificate: join(folder, `${index + 1}.crt`),
    key: { kind: 'file' as const, name: join(folder, `${index + 1}.key`) },
  }))
  for (const [index, { certificate, key }] of contents.entries()) {
    if (certificate !== null) await writeFile(join(folder, `${index + 1}.crt`), certificate)
    await writeFile(join(folder, `${index + 1}.key`), key)
  }
  return loadCertificates({ kind: 'files', pairs }, { domain: DOMAIN, now, resolveKey: readKey })
}

async function readKey({ name }: SecretReference): Promise<Secret> {
  return new Secret(await readFile(name, 'utf8'))
}
