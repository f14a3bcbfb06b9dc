import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { errnoCode, GwError } from '../errors.js'
import { foldersOf, revealedText } from '../model/rendered-file.js'
import type { HostFiles } from './render-view.js'

/** The file by which a folder is known for a render, with the names of all that was written beside it. */
const MARKER = '.gw-render'

const MARKER_HEAD =
  '# Written by `gw render --out`, which replaces this folder whole: keep nothing of your own in it.'

/**
 * Makes `out` a folder that holds the files of every host under the host's name, and nothing else: written beside, then
 * renamed, so that nobody finds half of it. What an earlier render left there is replaced, anything else is refused.
 * @returns the folder's absolute path
 * @throws GwError USAGE when something of somebody else's is there, or it cannot be written
 */
export async function replaceFolder(out: string, hosts: readonly HostFiles[]): Promise<string> {
  try {
    const wanted = resolve(out)
    await mkdir(dirname(wanted), { recursive: true })
    const parent = await realpath(dirname(wanted))
    const folder = join(parent, basename(wanted))
    const standing = await isEarlierRender(folder)
    // Only its owner may enter it until the keys in it have their own modes.
    const work = await mkdtemp(join(parent, `.${basename(wanted)}.`))
    try {
      await writeRender(join(work, 'new'), hosts)
      await swap(folder, standing, work)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    return folder
  } catch (error) {
    if (error instanceof GwError || errnoCode(error) === 'unknown') throw error
    const message = `the folder ${out} cannot be written: ${errnoCode(error)}`
    throw new GwError('USAGE', message, { cause: error, nextSteps: [NEXT_STEP] })
  }
}

/** False when nothing is there. @throws GwError USAGE for anything but an empty folder or an earlier render */
async function isEarlierRender(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch((error: unknown) => {
    if (errnoCode(error) === 'ENOENT') return null
    throw error
  })
  if (found === null) return false
  if (found.isSymbolicLink()) throw refused(folder, 'is a link')
  if (!found.isDirectory()) throw refused(folder, 'is no folder')
  if (`${process.cwd()}/`.startsWith(`${folder}/`)) throw refused(folder, 'holds the working folder')
  const own = await writtenEarlier(folder)
  const foreign = (await readdir(folder)).find((name) => !own.includes(name))
  if (foreign === undefined) return true
  throw refused(folder, `holds ${JSON.stringify(foreign)}, which no render wrote`)
}

/** The names that an earlier render left in the folder; none where there was none. */
async function writtenEarlier(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, MARKER), 'utf8').catch(() => null)
  return text === null ? [] : [MARKER, ...text.split('\n').filter((line) => !line.startsWith('#'))]
}

async function writeRender(folder: string, hosts: readonly HostFiles[]): Promise<void> {
  await makeFolder(folder, 0o755)
  for (const { host, files } of hosts) {
    await makeFolder(join(folder, host), 0o755)
    // In the order of their names an outer folder comes before those in it.
    for (const [path, mode] of [...foldersOf(files)].sort(([one], [other]) => (one < other ? -1 : 1))) {
      await makeFolder(join(folder, host, path), parseInt(mode, 8))
    }
    for (const file of files) {
      await writeWithMode(join(folder, host, file.path), revealedText(file), parseInt(file.mode, 8))
    }
  }
  const names = hosts.map(({ host }) => host)
  await writeWithMode(join(folder, MARKER), `${[MARKER_HEAD, ...names].join('\n')}\n`, 0o644)
}

/** The modes are set once more, since the user's umask takes from those that a new file or folder is given. */
async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode })
  await chmod(path, mode)
}

async function writeWithMode(path: string, text: string, mode: number): Promise<void> {
  await writeFile(path, text, { mode, flag: 'wx' })
  await chmod(path, mode)
}

/** Puts `work/new` where `folder` is; what stood there goes to `work/old`, and comes back when that fails. */
async function swap(folder: string, standing: boolean, work: string): Promise<void> {
  const old = join(work, 'old')
  if (standing) await rename(folder, old)
  try {
    await rename(join(work, 'new'), folder)
  } catch (error) {
    if (standing) await rename(old, folder)
    throw error
  }
}

function refused(folder: string, why: string): GwError {
  return new GwError('USAGE', `${folder} ${why}; --out replaces its folder whole, so only one of its own`, {
    nextSteps: [NEXT_STEP],
  })
}

const NEXT_STEP = 'Name a folder that is not there yet, is empty, or holds an earlier render: --out DIR'
