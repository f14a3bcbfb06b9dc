import { createDrivers } from '../connection/drivers.js'
import { defaultEnvironment } from '../inventory/default-environment.js'
import { loadInventory } from '../inventory/load-inventory.js'
import { findProject } from '../inventory/project.js'
import { resolveSecret } from '../inventory/resolve-secret.js'
import { selectHosts } from '../inventory/select-hosts.js'
import type { Reach } from '../engine/session.js'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { FleetSelection } from './fleet-flags.js'

/** An environment and those of its hosts that a command may touch. */
export interface Fleet {
  readonly inventory: Inventory
  readonly hosts: readonly Host[]
}

/** Loads the environment that the arguments name. @throws GwError as the inventory does */
export async function loadFleet(selection: FleetSelection): Promise<Fleet> {
  const options = { projectDir: findProject(process.cwd()), env: process.env }
  const inventory = await loadInventory(selection.environment ?? (await defaultEnvironment(options)), options)
  const hosts = selection.limit === undefined ? inventory.hosts : selectHosts(inventory, selection.limit)
  return { inventory, hosts }
}

/** How the engine reaches the hosts and secrets of an environment, for the length of one command. */
export function openReach({ environment }: Inventory): Reach {
  return {
    driver: createDrivers({ environment }),
    resolveSecret: (reference) => resolveSecret(reference, { env: process.env }),
  }
}
