import type { Limits, RateLimit } from './limits.js'
import type { Pool } from './pool.js'
import type { Route } from './route.js'
import type { Tls } from './tls.js'

/** How soon a holder that says nothing is given up: `fast` on metal, `steady` where hosts are late at times, `cloud` on machines that stand still. */
export type VrrpProfile = 'fast' | 'steady' | 'cloud'

/** The virtual IP and the VRRP instance that carries it. `prefixLength` in bits, `advertIntervalMs` in milliseconds. */
export interface VirtualIp {
  readonly address: string
  readonly prefixLength: number
  readonly interface: string
  readonly virtualRouterId: number
  readonly profile: VrrpProfile
  readonly advertIntervalMs: number
  /** After so many adverts that did not come the next gateway takes the address. */
  readonly downAdverts: number
  /** VRRP priority by gateway host, 1 to 254, no two equal. */
  readonly priorities: Readonly<Record<string, number>>
  /** Adverts go to each peer's address instead of to the multicast group, for networks that carry none. */
  readonly unicast: boolean
  /** Address on the VRRP interface by gateway host. */
  readonly addresses: Readonly<Record<string, string>>
}

/**
 * The longest that a gateway which hears nothing waits before it takes the address, in milliseconds: the adverts that did
 * not come, and less than one more by its priority (RFC 5798, 6.1: skew time).
 */
export function longestTakeoverMs({ advertIntervalMs, downAdverts }: VirtualIp): number {
  return (downAdverts + 1) * advertIntervalMs
}

/** `path` of the access log, null for none; `errorLevel` is the least that NGINX's error log holds. */
export interface Logging {
  readonly accessLog: string | null
  readonly errorLog: string
  readonly errorLevel: 'info' | 'notice' | 'warn' | 'error' | 'crit'
}

/** What a fleet of gateways serves; `group` is the group of the gateway hosts. */
export interface Gateway {
  readonly group: string
  readonly domain: string
  /** The name under which the gateway answers at `/`. */
  readonly service: string
  readonly virtualIp: VirtualIp
  readonly tls: Tls
  readonly pools: readonly Pool[]
  readonly routes: readonly Route[]
  readonly rateLimits: readonly RateLimit[]
  readonly limits: Limits
  /** Headers of every answer, errors included, by name. */
  readonly responseHeaders: Readonly<Record<string, string>>
  /** Request headers that only the gateway may set: taken out of whatever a client sends. */
  readonly identityHeaders: readonly string[]
  /** Networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** Networks that may see NGINX's own figures. */
  readonly internalNetworks: readonly string[]
  readonly logging: Logging
}
