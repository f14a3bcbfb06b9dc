import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GwError } from '../errors.js'

/**
 * The folder of gw's own package, which holds lab/ and inventory/; upward from this file, built or not.
 * @throws GwError INTERNAL when there is none.
 */
export function projectDir(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from)
    throw new GwError('INTERNAL', 'the folder of the package was not found above its own code')
  return projectDir(parent)
}

/** The folder that keeps what one lab must remember; git ignores it. */
export function labStateDir(project: string, name: string): string {
  return join(project, 'lab', '.labs', name)
}
