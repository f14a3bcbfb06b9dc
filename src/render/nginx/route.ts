import type { Gateway } from '../../model/gateway.js'
import { OWN_PATHS } from '../../model/own-paths.js'
import type { Pool } from '../../model/pool.js'
import type { FilesRoute, Method, PoolRoute, Route } from '../../model/route.js'
import { routeCache } from './cache.js'
import { headerVariable } from './headers.js'
import { routeLimits } from './limits.js'
import { unloggedIfAbsent } from './log.js'
import { HEADERS_SNIPPET, PROXY_SNIPPET } from './paths.js'
import { stickyCookie } from './pool.js'
import { nginxSize } from './size.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** The locations of all routes. */
export function routeLocations(gateway: Gateway): NginxNode[] {
  const taken = new Set<string>([...Object.values(OWN_PATHS), ...gateway.routes.map(({ path }) => path)])
  return gateway.routes.flatMap((route) => [...withoutSlash(route, taken), routeLocation(route, gateway)])
}

/**
 * The path of a route without the `/` at its end belongs to the route, too. NGINX would answer it with a redirect,
 * which makes a GET of a POST.
 */
function withoutSlash({ path, kind }: Route, taken: ReadonlySet<string>): NginxNode[] {
  const short = path.slice(0, -1)
  const isOwn = path.endsWith('/') && short !== '' && kind === 'pool'
  if (!isOwn || taken.has(short)) return []
  return [block('location', ['=', short], [directive('rewrite', '^', path, 'last')])]
}

/** A route that ends with `/` takes what is below it, any other only itself. */
function routeLocation(route: Route, gateway: Gateway): NginxNode {
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
  if (wanted.size === 0) return []
  const locations = [...wanted].map(([path, headers]) =>
    block(
      'location',
      ['=', path],
      [
        directive('internal'),
        block('if', ['($gw_preflight)'], [directive('return', 204)]),
        ...headers.map((name) =>
          block('if', [`(${headerVariable(name)}`, '!~', '.)'], [directive('return', 401)]),
        ),
        directive('return', 204),
      ],
    ),
  )
  return [
    comment(
      'Asked by auth_request, after rate limits and networks: has a request the headers that it needs?',
    ),
    ...locations,
  ]
}

function requirementPath(headers: readonly string[]): string {
  return `${OWN_PATHS.requirements}${headers.map((name) => name.toLowerCase()).join('+')}`
}

function files({ folder, maxAgeSeconds }: FilesRoute): NginxNode[] {
  return [
    directive('alias', folder),
    unloggedIfAbsent(),
    directive('disable_symlinks', 'if_not_owner', `from=${folder}`),
    block('location', ['~', '/\\.'], [directive('return', 404)]),
    directive('include', HEADERS_SNIPPET),
    // Not `always`: an error must not be kept for as long.
    directive('add_header', 'Cache-Control', `public, max-age=${maxAgeSeconds}, immutable`),
  ]
}

function proxied(route: PoolRoute, { pools }: Gateway): NginxNode[] {
  const pool = pools.find(({ name }) => name === route.pool)
  if (pool === undefined) throw new Error(`no pool ${route.pool}: the inventory should have refused this`)
  const cookie = stickyCookie(pool)
  return [
    // The path as the client wrote it, whatever location it came by.
    directive('proxy_pass', `http://${route.pool}$request_uri`),
    directive('include', PROXY_SNIPPET),
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
    ...(cookie.length > 0 ? [directive('include', HEADERS_SNIPPET), ...cookie] : []),
  ]
}

/** An empty Connection header lets NGINX use a connection to a backend again. */
function connection({ websocket }: PoolRoute): NginxNode[] {
  if (!websocket) return [directive('proxy_set_header', 'Connection', '')]
  return [
    directive('proxy_set_header', 'Upgrade', '$gw_upgrade'),
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
