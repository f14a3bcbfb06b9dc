import type { PoolRoute, Route } from '../../model/route.js'
import { headerVariable } from './headers.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

const ZONE = 'gw_cache'

/** Where cached answers lie, and who never gets one; nothing when no route caches. */
export function cacheStore(routes: readonly Route[]): NginxNode[] {
  const cached = routes
    .filter((route) => route.kind === 'pool')
    .filter((route) => route.cacheSeconds !== null)
  if (cached.length === 0) return []
  return [
    comment('Cached answers; not for requests that say who asks.'),
    ...personalMaps(cached),
    directive(
      'proxy_cache_path',
      '/var/cache/gw',
      'levels=1:2',
      `keys_zone=${ZONE}:10m`,
      'max_size=1g',
      'inactive=1h',
      'use_temp_path=off',
    ),
  ]
}

/** What only a request holds that says who asks. */
function personalHeaders({ requiredHeaders }: PoolRoute): string[] {
  return ['Authorization', 'Cookie', ...requiredHeaders].map(headerVariable)
}

/** Empty for a request that anybody could have sent. The headers themselves will not do: NGINX takes a `0` for empty. */
function personalVariable({ requiredHeaders }: PoolRoute): string {
  return ['$gw_personal', ...requiredHeaders.map((name) => headerVariable(name).slice('$http'.length))].join(
    '_',
  )
}

/** Which requests are never answered from the cache, one map for every set of headers that routes require. */
function personalMaps(routes: readonly PoolRoute[]): NginxNode[] {
  const maps = new Map(routes.map((route) => [personalVariable(route), personalHeaders(route).join('')]))
  return [...maps].map(([variable, headers]) =>
    block('map', [headers, variable], [directive('default', 1), directive('', '')]),
  )
}

/**
 * GET and HEAD are cached unless the request says who asks: an answer to one client must never be served to another
 * (Authorization is not part of the key, and backends seldom mark such answers as private).
 */
export function routeCache(route: PoolRoute): NginxNode[] {
  const { cacheSeconds } = route
  if (cacheSeconds === null) return []
  return [
    directive('proxy_cache', ZONE),
    directive('proxy_cache_key', '$host$request_uri'),
    directive('proxy_cache_valid', 200, `${cacheSeconds}s`),
    directive('proxy_cache_bypass', personalVariable(route)),
    directive('proxy_no_cache', personalVariable(route)),
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
