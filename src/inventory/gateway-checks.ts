import { isIPv4 } from 'node:net'
import { ipv4Number } from '../model/ipv4.js'
import type { Check } from './check.js'
import { hostsOfGroup } from './groups.js'
import { suggestion } from './nearest.js'
import { parseCidr } from './patterns.js'
import type { PoolSettings } from './schema-gateway.js'

/** The relations between a gateway's parts, one check each. */
export const GATEWAY_CHECKS = [checkGatewayGroup, checkPriorities, checkVirtualIp, checkPools, checkRoutes]

function checkGatewayGroup(check: Check): void {
  const { gateway } = check.file
  if (gateway === undefined) return
  const hosts = groupHosts(check, gateway.group, ['gateway', 'group'])
  if (hosts?.size === 0) check.report(['gateway', 'group'], `the group \`${gateway.group}\` has no hosts`)
}

/** The hosts of a group that a setting names; reports a group that is not there. */
function groupHosts({ file, report }: Check, name: string, path: readonly string[]): Set<string> | null {
  if (Object.hasOwn(file.groups, name)) return hostsOfGroup(file.groups, name)
  report(path, `there is no group \`${name}\`${suggestion(name, Object.keys(file.groups))}`)
  return null
}

function checkPriorities({ file, report }: Check): void {
  const { gateway } = file
  const priorities = gateway?.vip.priorities
  if (gateway === undefined || priorities === undefined) return
  const path = ['gateway', 'vip', 'priorities']
  const gateways = [...(hostsOfGroup(file.groups, gateway.group) ?? [])]
  const missing = gateways.filter((host) => !Object.hasOwn(priorities, host))
  if (missing.length > 0)
    report(path, `no priority is given for ${missing.map((host) => `\`${host}\``).join(', ')}`, {
      onKey: true,
    })
  const taken = new Map<number, string>()
  for (const [host, priority] of Object.entries(priorities)) {
    const other = taken.get(priority)
    if (!gateways.includes(host)) {
      report(
        [...path, host],
        `\`${host}\` is not in the group \`${gateway.group}\`${suggestion(host, gateways)}`,
        { onKey: true },
      )
    } else if (other !== undefined) {
      report(
        [...path, host],
        `\`${host}\` and \`${other}\` have the same priority ${priority}; the higher one takes the virtual IP`,
      )
    }
    taken.set(priority, host)
  }
}

function checkVirtualIp({ file, report }: Check): void {
  const path = ['gateway', 'vip', 'address']
  const cidr = file.gateway === undefined ? null : parseCidr(file.gateway.vip.address)
  if (cidr === null) return
  const owner = Object.entries(file.hosts).find(([, host]) => host.address === cidr.address)
  if (owner !== undefined)
    report(path, `the virtual IP is the address of the host \`${owner[0]}\`; it must be one that no host has`)
  if (!isIPv4(cidr.address) || cidr.prefixLength > 30) return
  const hostPart = ipv4Number(cidr.address) % 2 ** (32 - cidr.prefixLength)
  if (hostPart !== 0 && hostPart !== 2 ** (32 - cidr.prefixLength) - 1) return
  report(path, `${cidr.address} is the network or broadcast address of its network, so no host can carry it`)
}

function checkPools(check: Check): void {
  for (const [name, pool] of Object.entries(check.file.gateway?.pools ?? {})) {
    const group = pool.group ?? name
    const path = ['gateway', 'pools', name]
    const hosts = groupHosts(check, group, pool.group === undefined ? path : [...path, 'group'])
    if (hosts === null) continue
    if (hosts.size === 0)
      check.report(path, `the pool \`${name}\` has no hosts: the group \`${group}\` is empty`, {
        onKey: true,
      })
    checkPoolHosts(check, { path, group, pool, hosts: [...hosts] })
  }
}

interface PoolHosts {
  readonly path: readonly string[]
  readonly group: string
  readonly pool: PoolSettings
  readonly hosts: readonly string[]
}

function checkPoolHosts({ report }: Check, { path, group, pool, hosts }: PoolHosts): void {
  const stranger = (host: string) => `\`${host}\` is not in the group \`${group}\`${suggestion(host, hosts)}`
  for (const host of Object.keys(pool.weights)) {
    if (!hosts.includes(host)) report([...path, 'weights', host], stranger(host), { onKey: true })
  }
  pool.backup.forEach((host, index) => {
    if (!hosts.includes(host)) report([...path, 'backup', String(index)], stranger(host))
  })
  if (hosts.length > 0 && hosts.every((host) => pool.backup.includes(host))) {
    report([...path, 'backup'], 'every host of the pool is a backup; at least one must serve')
  }
}

function checkRoutes({ file, report }: Check): void {
  const pools = Object.keys(file.gateway?.pools ?? {})
  const taken = new Set<string>()
  file.gateway?.routes.forEach((route, index) => {
    const path = ['gateway', 'routes', String(index)]
    if (route.pool !== undefined && !pools.includes(route.pool))
      report([...path, 'pool'], `there is no pool \`${route.pool}\`${suggestion(route.pool, pools)}`)
    if (taken.has(route.path)) report([...path, 'path'], `two routes have the path \`${route.path}\``)
    taken.add(route.path)
  })
}
