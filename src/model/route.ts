/** A method that a route may be restricted to; GET allows HEAD as well. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** What holds for a route of any kind. */
interface RouteRules {
  /** A path that ends with `/` takes everything below it; any other takes only itself. The longest that fits wins. */
  readonly path: string
  /** Empty: every method. */
  readonly methods: readonly Method[]
  /** Networks whose clients may come in; empty: all. */
  readonly allow: readonly string[]
  /** Names of headers without which a request is answered 401; what they hold is for the backend to judge. */
  readonly requiredHeaders: readonly string[]
  /** Names of rate limits; all of them hold. Routes that name the same limit share its budget. */
  readonly rateLimits: readonly string[]
}

/** Requests that go to a pool. `maxBodyBytes` null: the gateway's own limit; `cacheSeconds` null: no cache. */
export interface PoolRoute extends RouteRules {
  readonly kind: 'pool'
  readonly pool: string
  /** Longest silence of the backend, and of the way to it. */
  readonly timeoutSeconds: number
  readonly maxBodyBytes: number | null
  /** False: every byte is passed on as it comes, in both directions. */
  readonly buffering: boolean
  readonly websocket: boolean
  readonly cacheSeconds: number | null
}

/** Files on the gateway itself. */
export interface FilesRoute extends RouteRules {
  readonly kind: 'files'
  /** Absolute, with `/` at its end. */
  readonly folder: string
  readonly maxAgeSeconds: number
}

export type Route = PoolRoute | FilesRoute
