import { existsSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { GwError } from '../errors.js'
import { nearest } from './nearest.js'
import { ENVIRONMENT_NAME } from './patterns.js'

/** Beside `inventory/`: settings of the project itself. */
export const PROJECT_FILE = 'gw.yml'

/** File names that every environment may have. */
const GENERAL_NAMES = ['inventory', 'hosts']

const EXTENSIONS = ['.yml', '.yaml', '.ini']

/**
 * The folder whose `inventory/` names the environments: the nearest one above `from` that has such a folder with an
 * inventory in it, else the folder of the installed package with its examples.
 */
export function findProject(from: string): string {
  return nearestAbove(from, hasInventories) ?? nearestAbove(import.meta.dirname, isPackage) ?? from
}

function hasInventories(folder: string): boolean {
  return inventoryFiles(folder).length > 0
}

function isPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json'))
}

function inventoryFiles(projectDir: string): string[] {
  try {
    return readdirSync(join(projectDir, 'inventory')).filter((file) => EXTENSIONS.includes(extname(file)))
  } catch {
    return []
  }
}

function nearestAbove(from: string, fits: (folder: string) => boolean): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (fits(folder)) return folder
    if (folder === dirname(folder)) return null
  }
}

/** The names of the environments of a project, sorted. */
export function listEnvironments(projectDir: string): string[] {
  const names = inventoryFiles(projectDir).map((file) => basename(file, extname(file)))
  return [...new Set(names)].filter((name) => ENVIRONMENT_NAME.test(name)).sort()
}

/**
 * The environment that a file describes: the file's name, or its folder's where that says more (`blue/hosts`,
 * `lab/.labs/test/inventory.yml`).
 */
export function environmentName(file: string): string {
  const name = basename(file, extname(file))
  const folder = basename(dirname(file))
  return GENERAL_NAMES.includes(name) && folder !== 'inventory' && ENVIRONMENT_NAME.test(folder)
    ? folder
    : name
}

/**
 * The absolute path of an inventory. What holds a slash or ends like a file is a path, relative to `cwd`; everything
 * else is the name of an environment of the project.
 * @throws GwError INVENTORY_NOT_FOUND with the names that are there.
 */
export async function findInventory(nameOrPath: string, projectDir: string, cwd: string): Promise<string> {
  const isPath = nameOrPath.includes('/') || EXTENSIONS.includes(extname(nameOrPath))
  if (isPath) {
    const path = resolve(cwd, nameOrPath)
    if (await isFile(path)) return withName(path)
    throw new GwError('INVENTORY_NOT_FOUND', `there is no inventory file ${nameOrPath}`, {
      nextSteps: ['Give the name of an environment, or the path of an inventory file.'],
    })
  }
  const candidates = EXTENSIONS.map((extension) => join(projectDir, 'inventory', nameOrPath + extension))
  for (const path of ENVIRONMENT_NAME.test(nameOrPath) ? candidates : []) {
    if (await isFile(path)) return path
  }
  throw unknownEnvironment(nameOrPath, projectDir)
}

/** The environment's name ends up in paths and commands, so not every file name will do. */
function withName(path: string): string {
  if (ENVIRONMENT_NAME.test(environmentName(path))) return path
  throw new GwError(
    'INVENTORY_INVALID',
    `the name of the file ${JSON.stringify(path)} cannot name an environment`,
    {
      nextSteps: [
        'Rename it: letters, digits, `_` and `-` before the extension, at most 100, the first a letter or digit.',
      ],
    },
  )
}

function unknownEnvironment(name: string, projectDir: string): GwError {
  const names = listEnvironments(projectDir)
  const near = nearest(name, names)
  const folder = join(projectDir, 'inventory')
  const known =
    names.length === 0 ? `there are none in ${folder}` : `known in ${folder} are ${names.join(', ')}`
  const meant = near === null ? '' : `; did you mean \`${near}\`?`
  return new GwError(
    'INVENTORY_NOT_FOUND',
    `there is no environment ${JSON.stringify(name)}; ${known}${meant}`,
    {
      nextSteps:
        near === null
          ? [`Write ${join(folder, 'NAME.yml')}, or give the path of an inventory file.`]
          : [`gw inventory show ${near}`],
    },
  )
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
