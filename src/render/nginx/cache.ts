import type { PoolRoute, Route } from '../../model/route.js'
import { headerVariable } from './headers.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

const ZONE = 'gw_cache'
const NOT_KEPT = '$gw_not_kept'
const OWN_COOKIES_LEFT_OUT = '$gw_cookie'

const LEAST_KEPT_SECONDS = 3600

/** Where cached answers lie, asked for or not, as long as the longest of them is good; nothing when no route caches. */
export function cacheStore(routes: readonly Route[]): NginxNode[] {
  const lives = routes.flatMap((route) => (route.kind === 'pool' ? (route.cacheSeconds ?? []) : []))
  if (lives.length === 0) return []
  return [
    comment(
      'Cached answers: none but 200, though a backend may say how long others keep; by their own word they would be',
      'kept as well.',
    ),
    block(
      'map',
      ['$upstream_status', NOT_KEPT],
      [directive('default', 1), directive('~(?:^|[ ,:])200$', '')],
    ),
    comment('Cookies that say who asks: those of sticky pools say nothing of it.'),
    block(
      'map',
      ['$http_cookie', OWN_COOKIES_LEFT_OUT],
      [directive('default', '$http_cookie'), directive('~^(?:gw_[a-z0-9_]+=[^;]*(?:; |$))+$', '')],
    ),
    directive(
      'proxy_cache_path',
      '/var/cache/gw',
      'levels=1:2',
      `keys_zone=${ZONE}:10m`,
      'max_size=1g',
      `inactive=${Math.max(LEAST_KEPT_SECONDS, ...lives)}s`,
      'use_temp_path=off',
    ),
  ]
}

/**
 * GET and HEAD are cached unless the request says who asks: an answer to one client must never be served to another
 * (Authorization is not part of the key, and backends seldom mark such answers as private).
 */
export function routeCache({ cacheSeconds, requiredHeaders }: PoolRoute): NginxNode[] {
  if (cacheSeconds === null) return []
  // NGINX takes `0` for nothing said. With a `0` before it, only a header that is not there gives just that.
  const variables = [OWN_COOKIES_LEFT_OUT, ...['Authorization', ...requiredHeaders].map(headerVariable)]
  const personal = variables.map((variable) => `0${variable}`)
  return [
    directive('proxy_cache', ZONE),
    directive('proxy_cache_key', '$host$request_uri'),
    directive('proxy_cache_valid', 200, `${cacheSeconds}s`),
    directive('proxy_cache_bypass', ...personal),
    directive('proxy_no_cache', NOT_KEPT, ...personal),
    directive('proxy_cache_lock', 'on'),
    directive('proxy_cache_background_update', 'on'),
    directive(
      'proxy_cache_use_stale',
      'error',
      'timeout',
      'updating',
      'http_500',
      'http_502',
      'http_503',
      'http_504',
    ),
  ]
}
