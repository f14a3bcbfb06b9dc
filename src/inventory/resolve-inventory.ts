import type { Gateway, Pool, Server, VirtualIp } from '../model/gateway.js'
import type { Host, Value } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { Connections } from './connections.js'
import { groupsByHost, membersByGroup } from './groups.js'
import type { LocalUser } from './local-user.js'
import { parseCidr } from './patterns.js'
import type { GatewaySettings, InventoryFile, PoolSettings } from './schema.js'
import type { Tree } from './tree.js'

const DEFAULT_WEIGHT = 100
const HIGHEST_PRIORITY = 100
/** Gateways get 100, 90, 80; more than ten of them 100, 99, 98. */
const PRIORITY_STEPS = { few: 10, many: 1 }
const FEW = 10

type Members = ReadonlyMap<string, readonly string[]>

/** Makes the inventory of a file that passed every check; `tree` says which file each path is relative to. */
export function resolveInventory(
  file: InventoryFile,
  tree: Tree,
  from: { readonly environment: string; readonly file: string; readonly user: LocalUser },
): Inventory {
  const members = membersByGroup(file)
  return {
    environment: from.environment,
    file: from.file,
    confirm: file.confirm,
    hosts: resolveHosts(file, members, tree, from.user),
    groups: Object.fromEntries(members),
    gateway: file.gateway === undefined ? null : resolveGateway(file.gateway, file, members),
  }
}

function resolveHosts(file: InventoryFile, members: Members, tree: Tree, user: LocalUser): Host[] {
  const groups = groupsByHost(file, members)
  const connections = new Connections(file, tree, user, groups)
  return Object.entries(file.hosts).map(([name, host]) => {
    const own = groups.get(name) ?? []
    const layers = [file.values, ...own.map((group) => file.groups[group]?.values), host.values]
    const values: Record<string, Value> = Object.fromEntries(
      layers.flatMap((layer) => Object.entries(layer ?? {})),
    )
    return { name, groups: own, connection: connections.of(name), values }
  })
}

function resolveGateway(gateway: GatewaySettings, file: InventoryFile, members: Members): Gateway {
  return {
    group: gateway.group,
    domain: gateway.domain,
    virtualIp: resolveVirtualIp(gateway, members.get(gateway.group) ?? []),
    pools: Object.entries(gateway.pools).map(([name, pool]) => resolvePool(name, pool, file, members)),
    routes: gateway.routes.map((route) => ({
      path: route.path,
      pool: route.pool,
      timeoutSeconds: route.timeout / 1000,
    })),
  }
}

function resolveVirtualIp({ vip }: GatewaySettings, gateways: readonly string[]): VirtualIp {
  const { address, prefixLength } = parseCidr(vip.address) ?? { address: vip.address, prefixLength: 32 }
  const step = gateways.length <= FEW ? PRIORITY_STEPS.few : PRIORITY_STEPS.many
  const inOrder = gateways.map((host, index) => [host, HIGHEST_PRIORITY - index * step] as const)
  return {
    address,
    prefixLength,
    interface: vip.interface,
    virtualRouterId: vip.virtual_router_id,
    advertIntervalMs: vip.advert_interval,
    priorities: vip.priorities ?? Object.fromEntries(inOrder),
  }
}

function resolvePool(name: string, pool: PoolSettings, file: InventoryFile, members: Members): Pool {
  const hosts = members.get(pool.group ?? name) ?? []
  const servers = hosts.map((host): Server => ({
    host,
    address: file.hosts[host]?.address ?? host,
    port: pool.port,
    weight: (Object.hasOwn(pool.weights, host) ? pool.weights[host] : undefined) ?? DEFAULT_WEIGHT,
    backup: pool.backup.includes(host),
    maxFails: pool.max_fails,
    failTimeoutSeconds: pool.fail_timeout / 1000,
    maxConnections: pool.max_conns,
  }))
  return { name, balance: pool.balance, keepalive: pool.keepalive, servers }
}
