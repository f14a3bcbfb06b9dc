import type { Host, Value } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { Connections } from './connections.js'
import { groupsByHost, membersByGroup } from './groups.js'
import type { LocalUser } from './local-user.js'
import { resolveGateway } from './resolve-gateway.js'
import type { InventoryFile } from './schema.js'
import type { Tree } from './tree.js'
import { WrittenPaths } from './written-paths.js'

type Members = ReadonlyMap<string, readonly string[]>

/** Makes the inventory of a file that passed every check; `tree` says which file each path is relative to. */
export function resolveInventory(
  file: InventoryFile,
  tree: Tree,
  from: { readonly environment: string; readonly file: string; readonly user: LocalUser },
): Inventory {
  const members = membersByGroup(file)
  const paths = new WrittenPaths(tree, from.user)
  return {
    environment: from.environment,
    file: from.file,
    confirm: file.confirm,
    hosts: resolveHosts(file, members, paths),
    groups: Object.fromEntries(members),
    gateway: file.gateway === undefined ? null : resolveGateway(file.gateway, { file, members, paths }),
  }
}

function resolveHosts(file: InventoryFile, members: Members, paths: WrittenPaths): Host[] {
  const groups = groupsByHost(file, members)
  const connections = new Connections(file, paths, groups)
  return Object.entries(file.hosts).map(([name, host]) => {
    const own = groups.get(name) ?? []
    const layers = [file.values, ...own.map((group) => file.groups[group]?.values), host.values]
    const values: Record<string, Value> = Object.fromEntries(
      layers.flatMap((layer) => (layer === undefined ? [] : Object.entries(layer))),
    )
    return { name, groups: own, connection: connections.of(name), values }
  })
}
