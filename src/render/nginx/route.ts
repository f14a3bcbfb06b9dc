import type { Gateway } from '../../model/gateway.js'
import type { Pool } from '../../model/pool.js'
import type { FilesRoute, Method, PoolRoute, Route } from '../../model/route.js'
import { routeCache } from './cache.js'
import { headerVariable } from './headers.js'
import { routeLimits } from './limits.js'
import { HEADERS, PROXY } from './paths.js'
import { stickyCookie } from './pool.js'
import { nginxSize } from './size.js'
import { block, directive, type NginxNode } from './syntax.js'

/** The location of a route: one that ends with `/` takes what is below it, any other only itself. */
export function routeLocation(route: Route, gateway: Gateway): NginxNode {
  const words = route.path.endsWith('/') ? [route.path] : ['=', route.path]
  return block('location', words, [
    ...allowedMethods(route.kind === 'files' ? ['GET'] : route.methods),
    ...routeLimits(route.rateLimits, gateway.rateLimits),
    ...allowed(route.allow),
    ...required(route.requiredHeaders),
    ...(route.kind === 'files' ? files(route) : proxied(route, gateway)),
  ])
}

/** GET allows HEAD. The list is what an answer 405 says in Allow. */
function allowedMethods(methods: readonly Method[]): NginxNode[] {
  if (methods.length === 0) return []
  const all = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return [
    directive('set', '$gw_methods', all.join(', ')),
    block('if', ['($request_method', '!~', `^(?:${all.join('|')})$)`], [directive('return', 405)]),
  ]
}

/** Networks whose clients may come in; all of them when the list is empty. */
export function allowed(networks: readonly string[]): NginxNode[] {
  if (networks.length === 0) return []
  return [...networks.map((network) => directive('allow', network)), directive('deny', 'all')]
}

/** A subrequest and not an `if`: it comes after the rate limits, which slow down guessing, and after `allow`. */
function required(headers: readonly string[]): NginxNode[] {
  return headers.length === 0 ? [] : [directive('auth_request', requirementPath(headers))]
}

/** The locations that answer whether a request has the headers that routes require. */
export function requirementLocations(routes: readonly Route[]): NginxNode[] {
  const wanted = new Map(
    routes
      .filter(({ requiredHeaders }) => requiredHeaders.length > 0)
      .map(({ requiredHeaders }) => [requirementPath(requiredHeaders), requiredHeaders]),
  )
  return [...wanted].map(([path, headers]) =>
    block(
      'location',
      ['=', path],
      [
        directive('internal'),
        ...headers.map((name) =>
          block('if', [`(${headerVariable(name)}`, '!~', '.)'], [directive('return', 401)]),
        ),
        directive('return', 204),
      ],
    ),
  )
}

function requirementPath(headers: readonly string[]): string {
  return `/gw-require/${headers.map((name) => name.toLowerCase()).join('+')}`
}

function files({ folder, maxAgeSeconds }: FilesRoute): NginxNode[] {
  return [
    directive('alias', folder),
    directive('include', HEADERS),
    // Not `always`: an error must not be kept for as long.
    directive('add_header', 'Cache-Control', `public, max-age=${maxAgeSeconds}, immutable`),
  ]
}

function proxied(route: PoolRoute, { pools }: Gateway): NginxNode[] {
  const pool = pools.find(({ name }) => name === route.pool)
  if (pool === undefined) throw new Error(`no pool ${route.pool}: the inventory should have refused this`)
  const cookie = stickyCookie(pool)
  return [
    directive('proxy_pass', `http://${route.pool}`),
    directive('include', PROXY),
    ...connection(route),
    directive('proxy_read_timeout', `${route.timeoutSeconds}s`),
    directive('proxy_send_timeout', `${route.timeoutSeconds}s`),
    ...retries(pool),
    ...(route.maxBodyBytes === null
      ? []
      : [directive('client_max_body_size', nginxSize(route.maxBodyBytes))]),
    ...(route.buffering
      ? []
      : [directive('proxy_buffering', 'off'), directive('proxy_request_buffering', 'off')]),
    ...routeCache(route),
    ...(cookie.length > 0 ? [directive('include', HEADERS), ...cookie] : []),
  ]
}

/** An empty Connection header lets NGINX use a connection to a backend again. */
function connection({ websocket }: PoolRoute): NginxNode[] {
  if (!websocket) return [directive('proxy_set_header', 'Connection', '')]
  return [
    directive('proxy_set_header', 'Upgrade', '$http_upgrade'),
    directive('proxy_set_header', 'Connection', '$gw_connection'),
  ]
}

/** NGINX tries a request again only where no backend has got it, or its method may be repeated. */
function retries({ retries: { tries, timeoutSeconds } }: Pool): NginxNode[] {
  // Even with one try, NGINX would send a request again whose kept connection broke: only `off` means never.
  if (tries === 1) return [directive('proxy_next_upstream', 'off')]
  return [
    directive('proxy_next_upstream_tries', tries),
    directive('proxy_next_upstream_timeout', `${timeoutSeconds}s`),
  ]
}
