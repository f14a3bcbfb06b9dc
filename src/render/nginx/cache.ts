import type { PoolRoute, Route } from '../../model/route.js'
import { headerVariable } from './headers.js'
import { comment, directive, type NginxNode } from './syntax.js'

const ZONE = 'gw_cache'

const LEAST_KEPT_SECONDS = 3600

/** Where cached answers lie, asked for or not, as long as the longest of them is good; nothing when no route caches. */
export function cacheStore(routes: readonly Route[]): NginxNode[] {
  const lives = routes.flatMap((route) => (route.kind === 'pool' ? (route.cacheSeconds ?? []) : []))
  if (lives.length === 0) return []
  return [
    comment('Cached answers.'),
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
  const personal = ['Authorization', 'Cookie', ...requiredHeaders].map((name) => `0${headerVariable(name)}`)
  return [
    directive('proxy_cache', ZONE),
    directive('proxy_cache_key', '$host$request_uri'),
    directive('proxy_cache_valid', 200, `${cacheSeconds}s`),
    directive('proxy_cache_bypass', ...personal),
    directive('proxy_no_cache', ...personal),
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
