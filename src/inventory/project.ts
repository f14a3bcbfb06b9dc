import { existsSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { GwError } from '../errors.js'
import { nearest } from './nearest.js'
import { ENVIRONMENT_NAME } from './patterns.js'

/** Beside `inventory/`: settings of the project itself. */
export const PROJECT_FILE = 'gw.yml'

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
  const names = inventoryFiles(projectDir).map(environmentName)
  return [...new Set(names)].filter((name) => ENVIRONMENT_NAME.test(name)).sort()
}

export function environmentName(file: string): string {
  return basename(file, extname(file))
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
    if (await isFile(path)) return path
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
