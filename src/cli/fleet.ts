import { createDrivers } from '../connection/drivers.js'
import { GwError } from '../errors.js'
import { defaultEnvironment } from '../inventory/default-environment.js'
import { loadInventory } from '../inventory/load-inventory.js'
import { findProject } from '../inventory/project.js'
import { resolveSecret } from '../inventory/resolve-secret.js'
import { selectHosts } from '../inventory/select-hosts.js'
import type { Reach } from '../engine/session.js'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { Secret, SecretReference } from '../model/secret.js'
import { quote } from '../shell/quote.js'
import type { FleetSelection } from './fleet-flags.js'
import { withEnvironment } from './named-environment.js'

/** An environment and those of its hosts that a command may touch. */
export interface Fleet {
  readonly inventory: Inventory
  /** What to type to name the environment again: its name, or the path that was given. */
  readonly typed: string
  readonly hosts: readonly Host[]
}

/** Loads the environment that the arguments name. @throws GwError as the inventory does */
export async function loadFleet(selection: FleetSelection): Promise<Fleet> {
  const options = { projectDir: findProject(process.cwd()), env: process.env }
  const named = selection.environment ?? (await defaultEnvironment(options))
  const inventory = await loadInventory(named, options)
  const typed = quote(named)
  const { limit } = selection
  const hosts = limit === undefined ? inventory.hosts : hostsNamed(inventory, limit, typed)
  return { inventory, hosts, typed }
}

/** The hosts that a pattern means. @throws GwError UNKNOWN_HOST_OR_GROUP with what to type */
export function hostsNamed(inventory: Inventory, pattern: string, typed: string): readonly Host[] {
  try {
    return selectHosts(inventory, pattern)
  } catch (error) {
    throw error instanceof GwError ? withEnvironment(error, typed) : error
  }
}

export interface ReachOptions {
  /** What errors tell to type. */
  readonly environment: string
  /** Ends the search for a secret. */
  readonly signal: AbortSignal
}

/**
 * How the engine reaches the hosts and secrets of an environment, for the length of one command. A secret is fetched
 * once, however many hosts share it.
 */
export function openReach({ environment, signal }: ReachOptions): Reach {
  const fetched = new Map<string, Promise<Secret>>()
  const fetchOnce = (reference: SecretReference): Promise<Secret> => {
    const key = `${reference.kind}:${reference.name}`
    const secret = fetched.get(key) ?? resolveSecret(reference, { env: process.env, signal })
    fetched.set(key, secret)
    return secret
  }
  return { driver: createDrivers({ environment }), resolveSecret: fetchOnce }
}
