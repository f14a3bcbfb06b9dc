import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { nearest } from './nearest.js'

/**
 * The hosts that a pattern means, in the order of the inventory: names of hosts and groups separated by commas, `all`
 * for every host, `!` before a name for all but these.
 * @example selectHosts(inventory, 'gateways,admin,!admin-4')
 * @throws GwError UNKNOWN_HOST_OR_GROUP for a name that is not there, and when nothing is left; `ENV` in its next steps
 *   stands for the environment as it was typed.
 */
export function selectHosts(inventory: Inventory, pattern: string): Host[] {
  const terms = pattern.split(',').map((term) => term.trim())
  const excluded = terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1).trim())
  const included = terms.filter((term) => !term.startsWith('!'))
  const without = new Set(excluded.flatMap((term) => namesOf(inventory, term)))
  const wanted = new Set(
    (included.length === 0 ? ['all'] : included).flatMap((term) => namesOf(inventory, term)),
  )
  const hosts = inventory.hosts.filter((host) => wanted.has(host.name) && !without.has(host.name))
  if (hosts.length > 0) return hosts
  throw new GwError(
    'UNKNOWN_HOST_OR_GROUP',
    `${JSON.stringify(pattern)} selects no host of ${inventory.environment}`,
    {
      nextSteps: ['gw inventory show ENV'],
    },
  )
}

function namesOf(inventory: Inventory, term: string): readonly string[] {
  if (inventory.hosts.some((host) => host.name === term)) return [term]
  const members = Object.hasOwn(inventory.groups, term) ? inventory.groups[term] : undefined
  if (members !== undefined) return members
  const near = nearest(term, [...inventory.hosts.map((host) => host.name), ...Object.keys(inventory.groups)])
  const meant = near === null ? '' : `; did you mean \`${near}\`?`
  throw new GwError(
    'UNKNOWN_HOST_OR_GROUP',
    `there is no host or group ${JSON.stringify(term)} in ${inventory.environment}${meant}`,
    { nextSteps: ['gw inventory show ENV'] },
  )
}
