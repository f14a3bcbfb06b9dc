import { randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoCode, GwError } from '../errors.js'
import { parseKnownHosts, type KnownHosts, type KnownHostsFile } from './known-hosts.js'

async function readOrEmpty(path: string): Promise<string> {
  try {
    // Latin-1 keeps every byte as it is, whatever the file holds in its comments.
    return await readFile(path, 'latin1')
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return ''
    throw new GwError('USAGE', `the known_hosts file ${path} could not be read (${errnoCode(error)})`, {
      nextSteps: [`Type \`ls -l ${path}\`: it must be a file that you may read.`],
      cause: error,
    })
  }
}

/**
 * Reads known_hosts files; a file that is not there holds no keys.
 * @throws GwError USAGE when a file is there but cannot be read.
 */
export async function readKnownHosts(paths: readonly string[]): Promise<KnownHosts> {
  const files = await Promise.all(
    paths.map(async (path): Promise<KnownHostsFile> => ({ path, text: await readOrEmpty(path) })),
  )
  return parseKnownHosts(files)
}

/**
 * Adds lines at the end of a known_hosts file, which becomes 0600; everything in it stays. Written beside and renamed,
 * so a crash leaves the old file or the new one. A link is followed, not replaced; a missing folder is made (0700).
 * @throws GwError USAGE when it cannot be read or written
 */
export async function appendKnownHosts(path: string, lines: readonly string[]): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const before = await readOrEmpty(target)
  const gap = before === '' || before.endsWith('\n') ? '' : '\n'
  const beside = `${target}.${randomBytes(6).toString('hex')}`
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    const text = before + gap + lines.map((line) => `${line}\n`).join('')
    await writeFile(beside, text, { encoding: 'latin1', mode: 0o600, flag: 'wx', flush: true })
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw new GwError('USAGE', `the known_hosts file ${path} could not be written (${errnoCode(error)})`, {
      nextSteps: [`Type \`ls -ld ${dirname(target)}\`: you must be able to write there.`],
      cause: error,
    })
  }
}
