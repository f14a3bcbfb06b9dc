import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errnoCode } from '../errors.js'
import { refusal } from './refusal.js'

const LARGEST = 256 * 1024

/**
 * The text of a file, null when there is none.
 * @throws GwError CERTIFICATE_INVALID when it cannot be read, is no file or is larger than 256 KiB
 */
export async function readIfThere(path: string): Promise<string | null> {
  const found = await stat(path).catch(nullIfAbsent(path))
  if (found === null) return null
  if (!found.isFile()) throw refusal(`${path} is not a file`, `ls -ld ${path}`)
  if (found.size > LARGEST) throw refusal(`${path} is larger than 256 KiB`, `ls -l ${path}`)
  return readFile(path, 'utf8').catch(nullIfAbsent(path))
}

function nullIfAbsent(path: string): (error: unknown) => null {
  return (error) => {
    const code = errnoCode(error)
    if (code === 'ENOENT') return null
    throw refusal(`${path} cannot be read (${code})`, `ls -l ${path}`)
  }
}

/** Makes the folder, and those above it, for nobody but its owner; one that is there stays as it is. */
export async function makeFolder(folder: string): Promise<void> {
  await reporting(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }))
}

/**
 * Puts a whole file at a path where none stands.
 * @returns whether it was this one: a file that another gw put there at the same moment stays
 */
export async function placeFirst(path: string, content: string, mode: number): Promise<boolean> {
  return beside(path, content, mode, async (temporary) => {
    try {
      // A link, unlike a rename, never takes the place of a file that is there.
      await link(temporary, path)
      return true
    } catch (error) {
      if (errnoCode(error) === 'EEXIST') return false
      throw error
    }
  })
}

/** Puts a whole file at a path, in the place of one that may be there. */
export async function replace(path: string, content: string, mode: number): Promise<void> {
  await beside(path, content, mode, (temporary) => rename(temporary, path))
}

function beside<T>(
  path: string,
  content: string,
  mode: number,
  publish: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  return reporting(path, async () => {
    try {
      await writeFile(temporary, content, { mode: 0o600, flag: 'wx', flush: true })
      // The mode above is narrowed by the user's umask.
      await chmod(temporary, mode)
      return await publish(temporary)
    } finally {
      await rm(temporary, { force: true })
    }
  })
}

async function reporting<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusal(`${path} cannot be written (${errnoCode(error)})`, `ls -ld ${dirname(path)}`)
  }
}
