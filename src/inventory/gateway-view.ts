import type { Gateway, VirtualIp } from '../model/gateway.js'
import type { Value } from '../model/host.js'
import type { Limits, RateLimit } from '../model/limits.js'
import type { Pool, Server } from '../model/pool.js'
import type { Route } from '../model/route.js'
import type { Tls } from '../model/tls.js'
import { formatDuration } from './duration.js'
import { formatRate } from './rate.js'
import { formatSecretReference } from '../model/secret.js'
import { formatSize } from './size.js'

/** Something in the words of an inventory file. */
export type View = Readonly<Record<string, Value>>

/** A gateway with everything resolved, in the words of an inventory file. */
export function gatewayView(gateway: Gateway): View {
  const { logging } = gateway
  return {
    group: gateway.group,
    domain: gateway.domain,
    service: gateway.service,
    vip: virtualIpView(gateway.virtualIp),
    vrrp: { profile: gateway.virtualIp.profile },
    tls: tlsView(gateway.tls),
    pools: Object.fromEntries(gateway.pools.map((pool) => [pool.name, poolView(pool)])),
    routes: gateway.routes.map(routeView),
    rate_limits: Object.fromEntries(gateway.rateLimits.map((limit) => [limit.name, rateLimitView(limit)])),
    limits: limitsView(gateway.limits),
    response_headers: { ...gateway.responseHeaders },
    identity_headers: gateway.identityHeaders,
    trusted_proxies: gateway.trustedProxies,
    internal_networks: gateway.internalNetworks,
    logging: { access: logging.accessLog ?? false, error: logging.errorLog, level: logging.errorLevel },
  }
}

function virtualIpView(vip: VirtualIp): View {
  return {
    address: `${vip.address}/${vip.prefixLength}`,
    interface: vip.interface,
    virtual_router_id: vip.virtualRouterId,
    advert_interval: formatDuration(vip.advertIntervalMs),
    priorities: { ...vip.priorities },
    unicast: vip.unicast,
    addresses: { ...vip.addresses },
  }
}

function tlsView(tls: Tls): View {
  if (tls.kind === 'self-signed') return { self_signed: tls.folder }
  return {
    files: tls.pairs.map(({ certificate, key }) => ({ certificate, key: formatSecretReference(key) })),
  }
}

function poolView(pool: Pool): View {
  const { balance, stickySeconds, keepalive, retries, healthPath, leastServers, servers } = pool
  return {
    balance,
    ...(balance === 'sticky' ? { sticky_for: seconds(stickySeconds) } : {}),
    keepalive,
    tries: retries.tries,
    retry_timeout: seconds(retries.timeoutSeconds),
    health: healthPath ?? false,
    min_servers: leastServers,
    servers: servers.map(serverView),
  }
}

function serverView(server: Server): View {
  return {
    host: server.host,
    address: server.address,
    port: server.port,
    weight: server.weight,
    backup: server.backup,
    max_fails: server.maxFails,
    fail_timeout: seconds(server.failTimeoutSeconds),
    max_conns: server.maxConnections,
  }
}

/** Lists that say nothing are left out: an empty `allow` would look as if nobody could come in. */
function routeView(route: Route): View {
  return {
    path: route.path,
    ...(route.kind === 'pool' ? poolRouteView(route) : filesRouteView(route)),
    ...(route.methods.length === 0 ? {} : { methods: route.methods }),
    ...(route.allow.length === 0 ? {} : { allow: route.allow }),
    ...(route.requiredHeaders.length === 0 ? {} : { require: route.requiredHeaders }),
    ...(route.rateLimits.length === 0 ? {} : { rate_limits: route.rateLimits }),
  }
}

function poolRouteView(route: Extract<Route, { kind: 'pool' }>): View {
  return {
    pool: route.pool,
    timeout: seconds(route.timeoutSeconds),
    ...(route.maxBodyBytes === null ? {} : { max_body: formatSize(route.maxBodyBytes) }),
    buffering: route.buffering,
    websocket: route.websocket,
    ...(route.cacheSeconds === null ? {} : { cache: seconds(route.cacheSeconds) }),
  }
}

function filesRouteView(route: Extract<Route, { kind: 'files' }>): View {
  return { files: route.folder, max_age: seconds(route.maxAgeSeconds) }
}

function rateLimitView({ by, burst, zoneBytes, ...rate }: RateLimit): View {
  return { by, rate: formatRate(rate), burst, zone: formatSize(zoneBytes) }
}

function limitsView(limits: Limits): View {
  return {
    connections_per_client: limits.connectionsPerClient,
    connections_per_server: limits.connectionsPerServer,
    max_body: formatSize(limits.maxBodyBytes),
    max_header: formatSize(limits.maxHeaderBytes),
    max_uri: formatSize(limits.maxUriBytes),
  }
}

function seconds(count: number): string {
  return formatDuration(count * 1000)
}
