import type { NetworkInterface } from '../../facts/network-interfaces.js'
import { error, judged, unjudged, warning } from '../../health/judgement.js'
import type { VirtualIp } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { ipv4Number } from '../../model/ipv4.js'
import { cleanLine } from '../../shell/clean.js'

/** Whether the interface that is to carry the virtual IP is there, is up, and is the right one. */
export function judgeInterface(
  host: string,
  interfaces: readonly NetworkInterface[],
  virtualIp: VirtualIp,
): Judgement {
  if (interfaces.length === 0) return unjudged('ip did not say which interfaces the host has')
  const own = virtualIp.addresses[host] ?? ''
  const found = interfaces.find(({ name }) => name === virtualIp.interface)
  if (found === undefined) return judged([absent(virtualIp.interface, own, interfaces)])
  return judged([
    ...(found.up ? [] : [down(host, found)]),
    ...(carries(found, own) || !IPV4.test(own)
      ? judgeNetwork(found, virtualIp)
      : [misplaced({ host, found, own, interfaces }, virtualIp)]),
  ])
}

const IPV4 = /^[0-9.]+$/

/**
 * The IPv4 address by which a host speaks VRRP: the inventory's where the interface has it, else the first one that the
 * interface has of its own; null for none.
 */
export function vrrpAddress(
  host: string,
  interfaces: readonly NetworkInterface[],
  virtualIp: VirtualIp,
): string | null {
  const found = interfaces.find(({ name }) => name === virtualIp.interface)
  if (found === undefined || !found.up) return null
  const wanted = virtualIp.addresses[host] ?? ''
  const [first] = ownAddresses(found, virtualIp).map((address) => address.replace(/\/.*$/, ''))
  return carries(found, wanted) && IPV4.test(wanted) ? wanted : (first ?? null)
}

/** The IPv4 addresses of an interface; one that a gateway holds for all of them is none of its own. */
function ownAddresses({ addresses }: NetworkInterface, { address }: VirtualIp): string[] {
  return addresses.filter((each) => !each.includes(':') && !each.startsWith(`${address}/`))
}

function absent(wanted: string, own: string, interfaces: readonly NetworkInterface[]): Finding {
  const right = interfaces.find((each) => carries(each, own))
  const there = interfaces.map(({ name }) => cleanLine(name)).join(', ')
  const message = `it has no interface ${wanted}, which is to carry the virtual IP; it has ${there}`
  const help =
    right === undefined
      ? 'Set `gateway.vip.interface` in the inventory to one that it has.'
      : `Set \`gateway.vip.interface: ${cleanLine(right.name)}\` in the inventory: that one has ${own}.`
  return error(message, help)
}

function down(host: string, { name }: NetworkInterface): Finding {
  return error(
    `its interface ${name} is down or has no carrier`,
    `Unless it is the cable or the switch: gw exec ENV ${host} -- ip link set dev ${name} up`,
  )
}

interface Misplaced {
  readonly host: string
  readonly found: NetworkInterface
  readonly own: string
  readonly interfaces: readonly NetworkInterface[]
}

/** Adverts to the multicast group go out by whatever address the interface has. */
function misplaced({ host, found, own, interfaces }: Misplaced, virtualIp: VirtualIp): Finding {
  const severe = virtualIp.unicast || judgeNetwork(found, virtualIp).length > 0 ? error : warning
  const right = interfaces.find((each) => carries(each, own))
  const has = found.addresses.map(cleanLine).join(', ') || 'no address'
  if (right === undefined) {
    return severe(
      `its interface ${found.name} has ${has}, not ${own}`,
      `Set \`gateway.vip.addresses.${host}\` in the inventory to the address that it has there.`,
    )
  }
  return severe(
    `${own} is on its interface ${cleanLine(right.name)}, not on ${found.name}, which is to carry the virtual IP`,
    `Set \`gateway.vip.interface: ${cleanLine(right.name)}\` in the inventory, or \`gateway.vip.addresses.${host}\` to an address on ${found.name}.`,
  )
}

function judgeNetwork(found: NetworkInterface, virtualIp: VirtualIp): Finding[] {
  const { address } = virtualIp
  const networks = ownAddresses(found, virtualIp)
  if (address.includes(':') || networks.some((network) => isIn(address, network))) return []
  const has = networks.map(cleanLine).join(', ') || 'none at all'
  return [
    warning(
      `no network of its interface ${found.name} has the virtual IP ${address} in it: ${has}`,
      'Check `gateway.vip.address` and `gateway.vip.interface` in the inventory: neighbours may not find the address.',
    ),
  ]
}

function carries({ addresses }: NetworkInterface, own: string): boolean {
  return addresses.some((address) => address.startsWith(`${own.toLowerCase()}/`))
}

function isIn(address: string, network: string): boolean {
  const [base = '', length = ''] = network.split('/')
  const size = 2 ** (32 - Number(length))
  return Math.floor(ipv4Number(address) / size) === Math.floor(ipv4Number(base) / size)
}
