import { GwError } from '../errors.js'
import { loadInventory } from './load-inventory.js'
import type { LoadOptions } from './load-inventory.js'
import { listEnvironments } from './project.js'

/** What became of one inventory: how many hosts it has, or why it was refused. */
type Validation =
  | {
      readonly name: string
      readonly ok: true
      readonly file: string
      readonly hosts: number
      readonly groups: number
    }
  | { readonly name: string; readonly ok: false; readonly error: GwError }

/** Loads the named inventories, or every one of the project when no name is given, and says what became of each. */
export async function validateInventories(
  names: readonly string[],
  options: LoadOptions,
): Promise<Validation[]> {
  const wanted = names.length > 0 ? names : listEnvironments(options.projectDir)
  if (wanted.length === 0)
    throw new GwError('INVENTORY_NOT_FOUND', `there is no inventory in ${options.projectDir}/inventory`, {
      nextSteps: [`Write ${options.projectDir}/inventory/NAME.yml, or give the path of an inventory file.`],
    })
  return Promise.all(wanted.map((name) => validate(name, options)))
}

async function validate(name: string, options: LoadOptions): Promise<Validation> {
  try {
    const { file, hosts, groups } = await loadInventory(name, options)
    return { name, ok: true, file, hosts: hosts.length, groups: Object.keys(groups).length - 1 }
  } catch (error) {
    if (error instanceof GwError) return { name, ok: false, error }
    throw error
  }
}

/** `production  ok, 22 hosts in 6 groups`, or `production  refused`; the error itself says more. */
export function describeValidation(validation: Validation): string {
  if (!validation.ok) return `${validation.name}  refused`
  return `${validation.name}  ok, ${count(validation.hosts, 'host')} in ${count(validation.groups, 'group')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
