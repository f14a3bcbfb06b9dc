import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createJiti } from 'jiti'
import type { Play, Playbook } from '../engine/playbook.js'
import { GwError } from '../errors.js'

/**
 * Loads a user's own playbook: a TypeScript or JavaScript file whose default export is `playbook(...)`. It is run as
 * code of the user's, on this machine.
 * @throws GwError PLAYBOOK_INVALID when there is no such file, it fails while it loads, or exports something else.
 */
export async function loadPlaybook(path: string): Promise<Playbook> {
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new GwError('PLAYBOOK_INVALID', `there is no playbook ${path}`, {
      nextSteps: ['Check the path; it is relative to the working folder.'],
    })
  }
  const value = await importDefault(file)
  if (isPlaybook(value)) return value
  throw new GwError('PLAYBOOK_INVALID', `${path} does not export a playbook as its default`, {
    nextSteps: ["End the file with: export default playbook({ name: '...', plays: [...] })"],
  })
}

async function importDefault(file: string): Promise<unknown> {
  // The file may stand anywhere, so `gw` must mean this very installation, whatever is installed beside the file.
  const gw = new URL('../index.js', import.meta.url).pathname
  const jiti = createJiti(import.meta.url, { alias: { gw }, moduleCache: false, fsCache: false })
  try {
    return await jiti.import(file, { default: true })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new GwError('PLAYBOOK_INVALID', `the playbook ${file} cannot be loaded`, { frame: why, cause })
  }
}

function isPlaybook(value: unknown): value is Playbook {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    Array.isArray(value['plays']) &&
    value['plays'].every(isPlay)
  )
}

function isPlay(value: unknown): value is Play {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['hosts'] === 'string' &&
    typeof value['tasks'] === 'function'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
