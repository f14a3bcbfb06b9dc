import type { Gateway, Logging, VirtualIp } from '../model/gateway.js'
import type { Limits } from '../model/limits.js'
import type { Pool, Server } from '../model/pool.js'
import type { Route } from '../model/route.js'
import type { CertificateFiles, Tls } from '../model/tls.js'
import { parseCidr } from './patterns.js'
import { resolveResponseHeaders } from './response-headers.js'
import type { GatewaySettings, PoolSettings, RouteSettings, TlsSettings } from './schema-gateway.js'
import type { InventoryFile } from './schema.js'
import type { Path } from './tree.js'
import { advertsOf } from './vrrp-profiles.js'
import type { WrittenPaths } from './written-paths.js'

const DEFAULT_WEIGHT = 100
const DEFAULT_STICKY_SECONDS = 1800
const DEFAULT_TIMEOUT_SECONDS = 60
const DEFAULT_MAX_AGE_SECONDS = 30 * 86_400
/** The highest of VRRP: the lower a priority, the longer its host waits before it takes over (RFC 5798, 6.1: skew time). */
const HIGHEST_PRIORITY = 254

type Members = ReadonlyMap<string, readonly string[]>

/** What a gateway section is resolved against. */
interface Surroundings {
  readonly file: InventoryFile
  readonly members: Members
  readonly paths: WrittenPaths
}

/** Makes the gateway of settings that passed every check. */
export function resolveGateway(gateway: GatewaySettings, { file, members, paths }: Surroundings): Gateway {
  return {
    group: gateway.group,
    domain: gateway.domain,
    service: gateway.service ?? gateway.domain,
    virtualIp: resolveVirtualIp(gateway, file, members.get(gateway.group) ?? []),
    tls: resolveTls(gateway.tls, paths),
    pools: Object.entries(gateway.pools).map(([name, pool]) =>
      resolvePool(name, pool, file, members.get(pool.group ?? name) ?? []),
    ),
    routes: gateway.routes.map(resolveRoute),
    rateLimits: Object.entries(gateway.rate_limits).map(([name, { by, rate, burst, zone }]) => ({
      name,
      by,
      ...rate,
      burst,
      zoneBytes: zone,
    })),
    limits: resolveLimits(gateway.limits),
    responseHeaders: resolveResponseHeaders(gateway.response_headers),
    identityHeaders: gateway.identity_headers,
    trustedProxies: gateway.trusted_proxies,
    internalNetworks: gateway.internal_networks,
    logging: resolveLogging(gateway.logging),
  }
}

function resolveVirtualIp(
  { vip, vrrp }: GatewaySettings,
  file: InventoryFile,
  gateways: readonly string[],
): VirtualIp {
  const { address, prefixLength } = parseCidr(vip.address) ?? { address: vip.address, prefixLength: 32 }
  const inOrder = gateways.map((host, index) => [host, HIGHEST_PRIORITY - index] as const)
  const own = gateways.map((host) => [host, file.hosts[host]?.address ?? host] as const)
  return {
    address,
    prefixLength,
    interface: vip.interface,
    virtualRouterId: vip.virtual_router_id,
    ...advertsOf({ vip, vrrp }),
    priorities: vip.priorities ?? Object.fromEntries(inOrder),
    addresses: { ...Object.fromEntries(own), ...vip.addresses },
  }
}

function resolveTls(tls: TlsSettings, paths: WrittenPaths): Tls {
  const path = ['gateway', 'tls']
  if (tls === 'self-signed') return { kind: 'self-signed', folder: paths.absolute('tls', path) }
  if (tls.self_signed !== undefined)
    return { kind: 'self-signed', folder: paths.absolute(tls.self_signed, [...path, 'self_signed']) }
  const files = tls.files ?? []
  const pairs = Array.isArray(files) ? files : [files]
  const place = (index: number) => [...path, 'files', ...(Array.isArray(files) ? [String(index)] : [])]
  return { kind: 'files', pairs: pairs.map((pair, index) => resolvePair(pair, place(index), paths)) }
}

function resolvePair(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  path: Path,
  paths: WrittenPaths,
): CertificateFiles {
  return {
    certificate: paths.absolute(certificate, [...path, 'certificate']),
    key: paths.secret(key, [...path, 'key']),
  }
}

function resolvePool(name: string, pool: PoolSettings, file: InventoryFile, hosts: readonly string[]): Pool {
  const backup = new Set(pool.backup)
  const servers = hosts.map((host): Server => ({
    host,
    address: file.hosts[host]?.address ?? host,
    port: pool.port,
    weight: (Object.hasOwn(pool.weights, host) ? pool.weights[host] : undefined) ?? DEFAULT_WEIGHT,
    backup: backup.has(host),
    maxFails: pool.max_fails,
    failTimeoutSeconds: pool.fail_timeout / 1000,
    maxConnections: pool.max_conns,
  }))
  return {
    name,
    balance: pool.balance,
    stickySeconds: pool.sticky_for === undefined ? DEFAULT_STICKY_SECONDS : pool.sticky_for / 1000,
    keepalive: pool.keepalive,
    retries: { tries: pool.tries, timeoutSeconds: pool.retry_timeout / 1000 },
    healthPath: pool.health === false ? null : pool.health,
    leastServers: pool.min_servers ?? Math.ceil((servers.length - backup.size) / 2),
    servers,
  }
}

function resolveRoute(route: RouteSettings): Route {
  const rules = {
    path: route.path,
    methods: route.methods ?? [],
    allow: route.allow ?? [],
    requiredHeaders: route.require,
    rateLimits: route.rate_limits,
  }
  if (route.pool === undefined) {
    const folder = route.files ?? ''
    return {
      kind: 'files',
      ...rules,
      folder: folder.endsWith('/') ? folder : `${folder}/`,
      maxAgeSeconds: route.max_age === undefined ? DEFAULT_MAX_AGE_SECONDS : route.max_age / 1000,
    }
  }
  return {
    kind: 'pool',
    ...rules,
    pool: route.pool,
    timeoutSeconds: route.timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : route.timeout / 1000,
    maxBodyBytes: route.max_body ?? null,
    buffering: route.buffering ?? true,
    websocket: route.websocket ?? false,
    cacheSeconds: route.cache === undefined ? null : route.cache / 1000,
  }
}

function resolveLimits(limits: GatewaySettings['limits']): Limits {
  return {
    connectionsPerClient: limits.connections_per_client,
    connectionsPerServer: limits.connections_per_server,
    maxBodyBytes: limits.max_body,
    maxHeaderBytes: limits.max_header,
    maxUriBytes: limits.max_uri,
  }
}

function resolveLogging({ access, error, level }: GatewaySettings['logging']): Logging {
  return { accessLog: access === false ? null : access, errorLog: error, errorLevel: level }
}
