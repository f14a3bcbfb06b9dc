import type { NginxBuild } from '../../model/nginx-build.js'

/** The few ways in which what gw writes differs between the NGINX of one host and another. */
export interface NginxDialect {
  /** `http2 on;` (since 1.25.1, where the parameter of `listen` draws a warning) instead of `listen ... http2`. */
  readonly http2Directive: boolean
  /** `keepalive_min_timeout` (since 1.27.4): a reload leaves idle connections of clients open. */
  readonly keepaliveMinTimeout: boolean
  /** The Brotli module lies beside NGINX. */
  readonly brotli: boolean
}

const BROTLI = 'ngx_http_brotli_filter_module'
const HTTP2_DIRECTIVE = [1, 25, 1]
const KEEPALIVE_MIN_TIMEOUT = [1, 27, 4]

/** What is rendered for a host whose NGINX is not known: Debian 12's, the oldest that gw supports. */
export const OLDEST_BUILD: NginxBuild = { version: '1.22.1', modules: [] }

export function nginxDialect({ version, modules }: NginxBuild): NginxDialect {
  return {
    http2Directive: isAtLeast(version, HTTP2_DIRECTIVE),
    keepaliveMinTimeout: isAtLeast(version, KEEPALIVE_MIN_TIMEOUT),
    brotli: modules.includes(BROTLI),
  }
}

/** A build for every dialect there is: what any host could be given. */
export const BUILD_PER_DIALECT: readonly NginxBuild[] = ['1.22.1', '1.25.1', '1.27.4'].flatMap((version) => [
  { version, modules: [] },
  { version, modules: [BROTLI] },
])

function isAtLeast(version: string, least: readonly number[]): boolean {
  const numbers = version.split('.').map((part) => Number.parseInt(part, 10))
  const index = least.findIndex((number, place) => (numbers[place] ?? 0) !== number)
  return index === -1 || (numbers[index] ?? 0) > (least[index] ?? 0)
}
