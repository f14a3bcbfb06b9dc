import { resolve } from 'node:path'
import type { Inventory } from '../model/inventory.js'
import { localUser } from './local-user.js'
import type { Environment } from './local-user.js'
import { Problems } from './problem.js'
import { environmentName, findInventory } from './project.js'
import { readTree } from './read-tree.js'
import { checkRelations } from './relations.js'
import { resolveInventory } from './resolve-inventory.js'
import { reportIssues } from './schema-problems.js'
import { inventoryFile } from './schema.js'
import type { InventoryFile } from './schema.js'
import { plain } from './tree.js'
import type { Tree } from './tree.js'

export interface LoadOptions {
  /** The folder whose `inventory/` names the environments, as `findProject` finds it. */
  readonly projectDir: string
  /** Environment variables of the user: HOME, USER and SSH_AUTH_SOCK give defaults. */
  readonly env: Environment
  /** What relative paths on the command line are relative to; default: the working folder. */
  readonly cwd?: string
}

/**
 * Loads an inventory by the name of its environment or by path: gw's own YAML, or Ansible's INI or YAML.
 * @throws GwError INVENTORY_NOT_FOUND; INVENTORY_INVALID about everything that is wrong, with `at` and `frame`.
 */
export async function loadInventory(nameOrPath: string, options: LoadOptions): Promise<Inventory> {
  const cwd = resolve(options.cwd ?? '.')
  const file = await findInventory(nameOrPath, options.projectDir, cwd)
  const user = localUser(options.env)
  const problems = new Problems()
  const tree = await readTree(file, { cwd, home: user.home, problems })
  const content = tree === null ? null : validate(tree, problems)
  problems.throwIfAny()
  // Without a problem there is a tree and it fits the schema, so this only tells the compiler.
  if (tree === null || content === null)
    throw new TypeError(`${file} gave neither an inventory nor a problem`)
  return resolveInventory(content, tree, { environment: environmentName(file), file, user })
}

function validate(tree: Tree, problems: Problems): InventoryFile | null {
  const parsed = inventoryFile.safeParse(plain(tree))
  if (parsed.success) {
    checkRelations(parsed.data, tree, problems)
    return parsed.data
  }
  reportIssues(parsed.error.issues, tree, problems)
  return null
}
