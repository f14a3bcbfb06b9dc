import { error, judged, note } from '../../health/judgement.js'
import type { VirtualIp } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'
import type { Hearing, Way } from '../hearing.js'

/** A gateway, and what it heard; in words why it did not listen. */
export interface Listening {
  readonly host: string
  readonly hearing: Hearing | { readonly instead: string }
}

/** A gateway that listened. */
interface Listener {
  readonly host: string
  readonly hearing: Hearing
}

/** A router takes one off; VRRP believes only what came straight from a neighbour. */
const UNROUTED = 255

/** Whether every gateway hears every other one by VRRP's protocol, and nobody else speaks as their virtual router. */
export function judgeVrrp(gateways: readonly Listening[], virtualIp: VirtualIp): Judgement {
  const listeners = gateways.flatMap(({ host, hearing }) =>
    'instead' in hearing || hearing.failure !== null ? [] : [{ host, hearing }],
  )
  const pairs = listeners.flatMap((from) => listeners.filter((to) => to !== from).map((to) => ({ from, to })))
  return judged([
    ...listeners.flatMap((listener) => judgeSending(listener, virtualIp)),
    ...judgePairs(pairs, virtualIp),
    ...judgeStrangers(listeners, virtualIp),
    ...gateways.flatMap(whyUntried),
  ])
}

interface Pair {
  readonly from: Listener
  readonly to: Listener
}

function wayOf({ unicast }: VirtualIp): Way {
  return unicast ? 'unicast' : 'multicast'
}

function judgeSending({ host, hearing }: Listener, virtualIp: VirtualIp): Finding[] {
  const why = hearing.refused[wayOf(virtualIp)]
  if (why === undefined) return []
  return [
    error(
      `${host} itself lets no VRRP (protocol 112) out: ${cleanLine(why)}`,
      `On ${host}: let protocol 112 out in its firewall (nft list ruleset, or iptables-save).`,
    ),
  ]
}

/** A network that carries unicast and no multicast between any two is one matter, not one for every pair. */
function judgePairs(pairs: readonly Pair[], virtualIp: VirtualIp): Finding[] {
  const way = wayOf(virtualIp)
  const told = pairs.filter(({ from }) => from.hearing.refused[way] === undefined)
  const deaf = told.filter(({ from, to }) => to.hearing.heard[way][from.host] === undefined)
  const carriesNone =
    way === 'multicast' && deaf.length > 0 && deaf.length === told.length && deaf.every(hearsUnicast)
  return [
    ...(carriesNone ? [withoutMulticast()] : deaf.map((pair) => unheard(pair, virtualIp))),
    ...told.flatMap((pair) => judgeHops(pair, way)),
  ]
}

function hearsUnicast({ from, to }: Pair): boolean {
  return to.hearing.heard.unicast[from.host] !== undefined
}

function withoutMulticast(): Finding {
  return error(
    'the network between the gateways carries no multicast, so each would take the virtual IP',
    'Set `gateway.vip.unicast: true` in the inventory: unicast comes through.',
  )
}

function unheard(pair: Pair, virtualIp: VirtualIp): Finding {
  const [from, to] = [pair.from.host, pair.to.host]
  const message = `${to} does not hear ${from} by VRRP (protocol 112, ${wayOf(virtualIp)})`
  const address = virtualIp.addresses[from] ?? from
  if (!virtualIp.unicast && hearsUnicast(pair)) {
    return error(
      `${message}, though unicast comes through`,
      `On ${to}: accept protocol 112 to 224.0.0.18 in its firewall; or set \`gateway.vip.unicast: true\` in the inventory.`,
    )
  }
  return error(
    message,
    `On ${to}: accept protocol 112 from ${address} in its firewall (nft list ruleset, or iptables-save), and in every one between them.`,
  )
}

function judgeHops({ from, to }: Pair, way: Way): Finding[] {
  const ttl = to.hearing.heard[way][from.host]
  if (way === 'unicast' || ttl === undefined || ttl === UNROUTED) return []
  return [
    error(
      `${to.host} hears ${from.host} through a router (TTL ${ttl}), and VRRP does not believe that`,
      'Put the gateways into one network, or set `gateway.vip.unicast: true` in the inventory.',
    ),
  ]
}

function judgeStrangers(listeners: readonly Listener[], { virtualRouterId }: VirtualIp): Finding[] {
  const strangers = [...new Set(listeners.flatMap(({ hearing }) => hearing.strangers))]
  return strangers.map((address) =>
    error(
      `${cleanLine(address)}, which is no gateway of this environment, speaks as virtual router ${virtualRouterId}, too`,
      'Set `gateway.vip.virtual_router_id` in the inventory to a number that no other pair in this network has.',
    ),
  )
}

function whyUntried({ host, hearing }: Listening): Finding[] {
  const why = 'instead' in hearing ? hearing.instead : hearing.failure
  return why === null ? [] : [note(`VRRP was not tried with ${host}: ${cleanLine(why)}`)]
}
