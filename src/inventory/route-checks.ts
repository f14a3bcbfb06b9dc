import { OWN_PATHS } from '../model/own-paths.js'
import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import { suggestion } from './nearest.js'
import type { GatewaySettings, RouteSettings } from './schema-gateway.js'
import type { Path } from './tree.js'

/** Keys of routes that mean nothing where files are served: these are only ever read. */
const POOL_KEYS = ['timeout', 'max_body', 'buffering', 'websocket', 'cache', 'methods'] as const

/** A route with what stands around it. */
interface RouteCheck {
  readonly route: RouteSettings
  readonly gateway: GatewaySettings
  readonly path: Path
  readonly report: Check['report']
}

export function checkRoutes({ file: { gateway }, report, lineOf }: Check): void {
  if (gateway === undefined) return
  const taken = new Map<string, Path>()
  gateway.routes.forEach((route, index) => {
    const path = ['gateway', 'routes', String(index)]
    const first = taken.get(route.path)
    if (first === undefined) taken.set(route.path, [...path, 'path'])
    else
      report(
        [...path, 'path'],
        `two routes have the path \`${route.path}\`; the first is on line ${lineOf(first)}`,
      )
    const check = { route, gateway, path, report }
    checkPath(check)
    checkTarget(check)
    checkWebsocket(check)
    checkCache(check)
    checkRateLimitNames(check)
  })
}

function checkPath({ route, path, report }: RouteCheck): void {
  const own = Object.values(OWN_PATHS).find((each) =>
    each.endsWith('/') ? `${route.path}/`.startsWith(each) : route.path === each,
  )
  if (own !== undefined) report([...path, 'path'], `the gateway answers \`${own}\` itself`)
}

function checkTarget(check: RouteCheck): void {
  const { route, gateway, path, report } = check
  if (route.pool !== undefined && route.files !== undefined)
    report([...path, 'files'], 'a route leads to a pool or to files, not to both', ON_KEY)
  else if (route.files !== undefined) checkFiles(check)
  else if (route.pool === undefined)
    report([...path, 'path'], `the route \`${route.path}\` leads nowhere; it needs \`pool\` or \`files\``)
  else {
    const { pool } = route
    if (!Object.hasOwn(gateway.pools, pool))
      report(
        [...path, 'pool'],
        () => `there is no pool \`${pool}\`${suggestion(pool, Object.keys(gateway.pools))}`,
      )
    if (route.max_age !== undefined)
      report([...path, 'max_age'], 'only a route to files has `max_age`; this one leads to a pool', ON_KEY)
  }
}

function checkFiles({ route, path, report }: RouteCheck): void {
  if (!route.path.endsWith('/'))
    report([...path, 'path'], 'the path of a route to files must end with `/`, since a folder lies behind it')
  for (const key of POOL_KEYS) {
    if (route[key] !== undefined)
      report([...path, key], `only a route to a pool has \`${key}\`; this one leads to files`, ON_KEY)
  }
}

/** Whether a route takes GET, which is every route that does not say. */
function takesGet({ methods }: RouteSettings): boolean {
  return methods?.includes('GET') !== false
}

function checkWebsocket({ route, path, report }: RouteCheck): void {
  if (route.websocket === true && !takesGet(route))
    report([...path, 'methods'], 'a WebSocket begins with GET, which is not among the methods')
}

function checkCache({ route, gateway, path, report }: RouteCheck): void {
  if (route.cache === undefined) return
  const pool = Object.entries(gateway.pools).find(([name]) => name === route.pool)?.[1]
  const refuse = (why: string): void => {
    report([...path, 'cache'], why, ON_KEY)
  }
  if (route.websocket === true) refuse('a WebSocket cannot be cached')
  if (route.buffering === false) refuse('an answer that is not buffered cannot be cached')
  if (!takesGet(route)) refuse('only answers to GET are cached, which is not among the methods')
  if (pool?.balance === 'sticky')
    refuse(
      `answers of the sticky pool \`${route.pool ?? ''}\` carry the cookie of one client and cannot be cached`,
    )
}

function checkRateLimitNames({ route, gateway, path, report }: RouteCheck): void {
  const known = Object.keys(gateway.rate_limits)
  route.rate_limits.forEach((name, index) => {
    const place = [...path, 'rate_limits', String(index)]
    if (!known.includes(name))
      report(place, () => `there is no rate limit \`${name}\`${suggestion(name, known)}`)
    else if (route.rate_limits.indexOf(name) < index)
      report(place, `the rate limit \`${name}\` is named twice`)
  })
}
