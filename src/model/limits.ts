/** By what requests are counted: the client's address, or the value of its Authorization header (none: not counted). */
export type RateKey = 'client' | 'authorization'

/** At most `count` requests a `per`, and `burst` more at once. `zoneBytes` holds about 8 clients a KiB (16 bytes less for IPv4). */
export interface RateLimit {
  readonly name: string
  readonly by: RateKey
  readonly count: number
  readonly per: 'second' | 'minute'
  readonly burst: number
  readonly zoneBytes: number
}

/** Limits of connections and sizes, in bytes. Connections count while they carry a request. */
export interface Limits {
  readonly connectionsPerClient: number
  readonly connectionsPerServer: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly maxUriBytes: number
}
