import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errnoCode, GwError } from '../errors.js'
import { hostDir } from './compose.js'
import { succeeded } from './docker.js'
import { inventoryText } from './inventory-file.js'
import { runLocally } from './local.js'
import { serviceOf } from './topology.js'
import type { Lab, LabHost } from './topology.js'

/** What a lab must remember between two runs: its network's first three numbers and its number of plain hosts. */
interface LabMemory {
  readonly prefix: string
  readonly plain: number
}

/** Files of a lab in its state folder; absolute paths. */
export interface LabFiles {
  readonly identityFile: string
  readonly knownHosts: string
  readonly inventory: string
  readonly compose: string
}

export function labFiles(stateDir: string): LabFiles {
  return {
    identityFile: join(stateDir, 'id_ed25519'),
    knownHosts: join(stateDir, 'known_hosts'),
    inventory: join(stateDir, 'inventory.yml'),
    compose: join(stateDir, 'compose.json'),
  }
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (errnoCode(cause) === 'ENOENT') return null
    throw cause
  }
}

/** @throws GwError LAB_UNAVAILABLE when the file is there but not as `gw lab up` writes it. */
export async function recall(stateDir: string): Promise<LabMemory | null> {
  const file = join(stateDir, 'lab.json')
  const text = await readIfThere(file)
  if (text === null) return null
  const memory = parseMemory(text)
  if (memory !== null) return memory
  const name = basename(stateDir)
  throw new GwError('LAB_UNAVAILABLE', `${file} is not what a lab remembers`, {
    nextSteps: [`gw lab down --name ${name} removes the lab, and gw lab up --name ${name} makes it anew.`],
  })
}

/** @returns `null` when the text is not a lab's memory. */
export function parseMemory(text: string): LabMemory | null {
  try {
    const memory = JSON.parse(text) as Partial<Record<keyof LabMemory, unknown>> | null
    const { prefix, plain } = memory ?? {}
    return typeof prefix === 'string' && typeof plain === 'number' ? { prefix, plain } : null
  } catch {
    return null
  }
}

export async function remember(stateDir: string, memory: LabMemory): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  await writeFile(join(stateDir, 'lab.json'), `${JSON.stringify(memory)}\n`)
}

/** Makes an ed25519 key pair without a passphrase unless it is there; answers the public half as OpenSSH writes it. */
async function ensureKey(file: string, comment: string): Promise<string> {
  const there = await readIfThere(`${file}.pub`)
  if (there !== null) return there
  const words = ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]
  succeeded(words, await runLocally(words))
  return await readFile(`${file}.pub`, 'utf8')
}

/** Lays out what `host` copies when it starts; answers its line for known_hosts. */
async function writeHost(stateDir: string, host: LabHost, publicKey: string): Promise<string> {
  const dir = hostDir(stateDir, host.name)
  await mkdir(dir, { recursive: true })
  const hostKey = await ensureKey(join(dir, 'ssh_host_ed25519_key'), host.name)
  await writeFile(join(dir, 'authorized_keys'), publicKey)
  const service = serviceOf(host.role)
  if (service !== null)
    await writeFile(join(dir, 'backend.env'), `SERVICE=${service.name}\nPORT=${service.port}\n`)
  return `${host.address} ${hostKey.split(' ').slice(0, 2).join(' ')}`
}

/** Makes the keys that are missing, and writes known_hosts and the inventory of the lab. */
export async function writeState(stateDir: string, lab: Lab): Promise<LabFiles> {
  const files = labFiles(stateDir)
  const publicKey = await ensureKey(files.identityFile, `gw-lab-${lab.name}`)
  const knownHosts = await Promise.all(lab.hosts.map((host) => writeHost(stateDir, host, publicKey)))
  await writeFile(files.knownHosts, `${knownHosts.map((line) => line.trim()).join('\n')}\n`, { mode: 0o600 })
  await writeFile(files.inventory, inventoryText(lab))
  return files
}
