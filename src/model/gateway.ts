/** The virtual IP and the VRRP instance that carries it. `prefixLength` in bits, `advertIntervalMs` in milliseconds. */
export interface VirtualIp {
  readonly address: string
  readonly prefixLength: number
  readonly interface: string
  readonly virtualRouterId: number
  readonly advertIntervalMs: number
  /** VRRP priority by gateway host, 1 to 254, no two equal. */
  readonly priorities: Readonly<Record<string, number>>
}

export type Balance = 'round_robin' | 'least_conn'

/** A backend of a pool. `maxConnections` 0 means no limit; `failTimeoutSeconds` is NGINX's fail_timeout. */
export interface Server {
  readonly host: string
  readonly address: string
  readonly port: number
  readonly weight: number
  readonly backup: boolean
  readonly maxFails: number
  readonly failTimeoutSeconds: number
  readonly maxConnections: number
}

/** Backends that serve the same routes. `keepalive` is the number of idle upstream connections a worker keeps. */
export interface Pool {
  readonly name: string
  readonly balance: Balance
  readonly keepalive: number
  readonly servers: readonly Server[]
}

/** Requests whose path starts with `path` go to `pool`. */
export interface Route {
  readonly path: string
  readonly pool: string
  readonly timeoutSeconds: number
}

/** What a fleet of gateways serves; `group` is the group of the gateway hosts. */
export interface Gateway {
  readonly group: string
  readonly domain: string
  readonly virtualIp: VirtualIp
  readonly pools: readonly Pool[]
  readonly routes: readonly Route[]
}
