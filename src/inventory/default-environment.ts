import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GwError } from '../errors.js'
import type { LoadOptions } from './load-inventory.js'
import { localUser } from './local-user.js'
import { suggestion } from './nearest.js'
import { Problems } from './problem.js'
import { listEnvironments, PROJECT_FILE } from './project.js'
import { readTree } from './read-tree.js'
import type { Entry } from './tree.js'

const KEY = 'default_environment'

/**
 * The environment of a command that names none: `GW_ENV`, else `default_environment` in the project's `gw.yml`.
 * @throws GwError USAGE when neither says one, INVENTORY_INVALID when `gw.yml` is wrong.
 */
export async function defaultEnvironment({ projectDir, env, cwd = '.' }: LoadOptions): Promise<string> {
  const named = env['GW_ENV']
  if (named !== undefined && named !== '') return named
  const file = join(projectDir, PROJECT_FILE)
  const configured = existsSync(file) ? await readDefault(file, { cwd, home: localUser(env).home }) : null
  if (configured !== null) return configured
  const names = listEnvironments(projectDir)
  const known = names.length === 0 ? '' : `; known are ${names.join(', ')}`
  throw new GwError('USAGE', `no environment is named${known}`, {
    nextSteps: ['Name it as an argument, or set GW_ENV, or write `default_environment: NAME` into gw.yml.'],
  })
}

async function readDefault(
  file: string,
  from: { readonly cwd: string; readonly home: string },
): Promise<string | null> {
  const problems = new Problems()
  const tree = await readTree(file, { ...from, problems })
  problems.throwIfAny()
  const entries: ReadonlyMap<string, Entry> = tree?.kind === 'map' ? tree.entries : new Map<string, Entry>()
  for (const [key, entry] of entries) {
    if (key !== KEY) problems.add(entry.key, `${PROJECT_FILE} has no key \`${key}\`${suggestion(key, [KEY])}`)
  }
  const value = entries.get(KEY)?.value
  if (value !== undefined && (value.kind !== 'scalar' || typeof value.value !== 'string')) {
    problems.add(value.span, `\`${KEY}\` must be the name of an environment`)
  }
  problems.throwIfAny()
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : null
}
