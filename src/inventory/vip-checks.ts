import { isIP, isIPv4 } from 'node:net'
import { ipv4Number } from '../model/ipv4.js'
import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import { hostsOfGroup } from './groups.js'
import { listed, stranger } from './nearest.js'
import { canonicalAddress, parseNetwork, sameNetwork } from './network.js'
import { parseCidr } from './patterns.js'
import type { InventoryFile } from './schema.js'
import type { Path } from './tree.js'
import { advertsOf } from './vrrp-profiles.js'

const VIP = ['gateway', 'vip']
type Cidr = NonNullable<ReturnType<typeof parseCidr>>

function gatewayHosts({ file }: Check): string[] {
  return file.gateway === undefined ? [] : [...hostsOfGroup(file.groups, file.gateway.group)]
}

export function checkPriorities(check: Check): void {
  const { gateway } = check.file
  const priorities = gateway?.vip.priorities
  if (gateway === undefined || priorities === undefined) return
  const path = [...VIP, 'priorities']
  const gateways = gatewayHosts(check)
  const missing = gateways.filter((host) => !Object.hasOwn(priorities, host))
  if (missing.length > 0) check.report(path, `no priority is given for ${listed(missing)}`, ON_KEY)
  const taken = new Map<number, string>()
  for (const [host, priority] of Object.entries(priorities)) {
    const place = [...path, host]
    const other = taken.get(priority)
    if (!gateways.includes(host)) check.report(place, () => stranger(host, gateway.group, gateways), ON_KEY)
    else if (other !== undefined) {
      const same = `\`${host}\` and \`${other}\` have the same priority ${priority}`
      check.report(place, `${same}; the higher one takes the virtual IP`)
    }
    taken.set(priority, host)
  }
}

/** The host that has an address already. */
function ownerOf(address: string, { hosts, gateway }: InventoryFile): string | undefined {
  const wanted = canonicalAddress(address)
  // An IPv4 address is written in one way only.
  const isWanted = isIPv4(wanted)
    ? (other?: string) => other === wanted
    : (other?: string) => other !== undefined && canonicalAddress(other) === wanted
  const { addresses = {} } = gateway?.vip ?? {}
  return (
    Object.keys(hosts).find((host) => isWanted(hosts[host]?.address)) ??
    Object.keys(addresses).find((host) => isWanted(addresses[host]))
  )
}

export function checkVirtualIp({ file, report }: Check): void {
  const { gateway } = file
  const cidr = gateway === undefined ? null : parseCidr(gateway.vip.address)
  if (gateway === undefined || cidr === null) return
  const path = [...VIP, 'address']
  const owner = ownerOf(cidr.address, file)
  if (owner !== undefined)
    report(path, `the virtual IP is the address of the host \`${owner}\`; it must be one that no host has`)
  if (isNetworkOrBroadcast(cidr)) {
    const what = `${cidr.address} is the network or broadcast address of its network`
    report(path, `${what}, so no host can carry it`)
  }
}

/** Of an IPv6 network the first address is that of its routers; there is no broadcast address. */
function isNetworkOrBroadcast({ address, prefixLength }: Cidr): boolean {
  if (prefixLength > (isIPv4(address) ? 30 : 126)) return false
  if (parseNetwork(`${address}/${prefixLength}`)?.exact === true) return true
  const size = 2 ** (32 - prefixLength)
  return isIPv4(address) && ipv4Number(address) % size === size - 1
}

/** Where a gateway's address on the VRRP interface is written, and what it is. */
interface VrrpAddress {
  readonly host: string
  readonly address: string
  readonly path: Path | null
}

export function checkVipAddresses(check: Check): void {
  const { gateway, hosts } = check.file
  const cidr = gateway === undefined ? null : parseCidr(gateway.vip.address)
  if (gateway === undefined || cidr === null) return
  const { addresses } = gateway.vip
  const gateways = gatewayHosts(check)
  for (const host of Object.keys(addresses)) {
    if (gateways.includes(host)) continue
    check.report([...VIP, 'addresses', host], () => stranger(host, gateway.group, gateways), ON_KEY)
  }
  const all = gateways.map((host): VrrpAddress => {
    const written = Object.hasOwn(addresses, host) ? addresses[host] : undefined
    const path = written === undefined ? null : [...VIP, 'addresses', host]
    return { host, address: written ?? hosts[host]?.address ?? '', path }
  })
  checkNames(check, all)
  checkNetwork(check, cidr, all)
}

/** Adverts by unicast go to addresses; keepalived looks no name up. */
function checkNames({ file, report }: Check, all: readonly VrrpAddress[]): void {
  const named = all.filter(({ address }) => isIP(address) === 0)
  const { gateway } = file
  if (gateway === undefined || named.length === 0 || !advertsOf(gateway).unicast) return
  const who = listed(named.map(({ host }) => host))
  report(
    gateway.vip.unicast === undefined ? ['gateway', 'vrrp', 'profile'] : [...VIP, 'unicast'],
    `unicast needs the IP addresses of the gateways, and ${who} has only a name; write its address under \`vip.addresses\``,
  )
}

/** An address for one host alone (/32, /128) says nothing about the network that it is in. */
function checkNetwork({ report }: Check, { address, prefixLength }: Cidr, all: readonly VrrpAddress[]): void {
  const bits = isIPv4(address) ? 32 : 128
  const length = prefixLength === bits ? 0 : prefixLength
  const outside = all.filter(
    (each) => isIP(each.address) !== 0 && !sameNetwork(each.address, address, length),
  )
  const network = parseNetwork(`${address}/${prefixLength}`)?.text ?? address
  for (const { host, address: own, path } of outside) {
    if (path !== null)
      report(path, `${own} of \`${host}\` is not in ${network}, the network of the virtual IP`)
  }
  const unwritten = outside.filter(({ path }) => path === null)
  if (unwritten.length === 0) return
  const who = unwritten.map(({ host, address: own }) => `\`${host}\` (${own})`).join(', ')
  report(
    [...VIP, 'address'],
    `the virtual IP is in ${network}, which does not hold ${who}; if the interface has another address there, write it under \`vip.addresses\``,
  )
}
