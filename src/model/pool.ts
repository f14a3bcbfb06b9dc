/**
 * How a pool chooses a server. `sticky` keeps a client on one server: by a cookie, else by its address. It hashes, so
 * a pool of it has no backup servers.
 */
type Balance = 'round_robin' | 'least_conn' | 'sticky'

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

/** When a request that failed on one server is tried on another; `tries` counts the first one, so 1 means never. */
interface Retries {
  readonly tries: number
  readonly timeoutSeconds: number
}

/** Backends that serve the same routes. `keepalive` is the number of idle upstream connections a worker keeps. */
export interface Pool {
  readonly name: string
  readonly balance: Balance
  /** How long a sticky pool's cookie lives, in seconds. */
  readonly stickySeconds: number
  readonly keepalive: number
  readonly retries: Retries
  /** What each server is asked, to see whether it is healthy; null when only a TCP connection is tried. */
  readonly healthPath: string | null
  /** How many of the servers must be healthy for the pool to be; backups count. */
  readonly leastServers: number
  readonly servers: readonly Server[]
}
