import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GwError } from '../../src/errors.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'
import type { Certificate, Tls } from '../../src/model/tls.js'
import { releaseConf } from '../../src/render/nginx/files.js'
import { UNRELEASED } from '../../src/render/nginx/release-name.js'
import { releasesOf } from '../../src/render/release.js'
import { ROOT } from '../root.js'

export const CASES = join(ROOT, 'test/cases/render')

/** The project's own inventories by name, absolute paths. */
export const OWN = ['production', 'staging', 'lab'].map(
  (name) => [name, join(ROOT, `inventory/${name}.yml`)] as const,
)

/** What every case extends. */
export const BASE = ['gateway', join(CASES, 'bases/gateway.yml')] as const

/** The cases by title: inventories that differ from the base in the one thing that they are about. */
export const SMALL = inventoriesIn(CASES)

/** Cases with more of everything than a person would read through. */
export const LARGE = inventoriesIn(join(CASES, 'large'))

function inventoriesIn(folder: string): (readonly [title: string, path: string])[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => [basename(file, '.yml'), join(folder, file)])
}

/** A gateway with the names of its hosts. */
export interface Case {
  readonly gateway: Gateway
  readonly hosts: readonly string[]
}

/** @throws GwError INVENTORY_INVALID */
export async function caseOf(path: string): Promise<Case> {
  const { gateway, groups } = await loadInventory(path, { projectDir: ROOT, env: { HOME: '/home/ann' } })
  if (gateway === null) throw new Error(`${path} describes no gateway`)
  return { gateway, hosts: groups[gateway.group] ?? [] }
}

/** `null` when the inventory is refused; any other error is the test's. */
export async function acceptedCase(path: string): Promise<Case | null> {
  try {
    return await caseOf(path)
  } catch (error) {
    if (error instanceof GwError && error.code === 'INVENTORY_INVALID') return null
    throw error
  }
}

/** As many certificates as the inventory names, none of them real: rendering does not look into them. */
export function anyCertificates({ tls }: Gateway): readonly Certificate[] {
  return algorithmsOf(tls).map((algorithm) => ({
    algorithm,
    chain: `(the ${algorithm} certificate)\n`,
    key: new Secret(`(the ${algorithm} key)\n`),
  }))
}

/** The first pair of files counts as RSA, the second as ECDSA; they are not read. */
export function algorithmsOf(tls: Tls): readonly Certificate['algorithm'][] {
  return tls.kind === 'files' && tls.pairs.length > 1 ? ['rsa', 'ecdsa'] : ['rsa']
}

/** All files of all hosts, in the order of the hosts. */
export function renderCase(
  { gateway, hosts }: Case,
  nginx: NginxBuild,
  certificates: readonly Certificate[],
): { readonly host: string; readonly files: readonly RenderedFile[] }[] {
  const releaseOf = releasesOf(gateway, certificates)
  return hosts.map((host) => ({ host, files: [...releaseOf(host)(nginx), releaseConf(UNRELEASED)] }))
}
