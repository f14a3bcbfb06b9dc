import type { Limits, RateKey, RateLimit } from '../../model/limits.js'
import { HTTP2_STREAMS } from './clients.js'
import { nginxSize } from './size.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** NGINX counts in 16 bits. */
const MOST_CONNECTIONS = 65_535

const KEYS: Readonly<Record<RateKey, string>> = {
  client: '$binary_remote_addr',
  authorization: '$http_authorization',
}

const CONNECTION_ZONE = nginxSize(10 * 1024 * 1024)
const SERVER_ZONE = nginxSize(64 * 1024)

/** A zone for each rate limit; both gateways count for themselves. */
export function rateZones(limits: readonly RateLimit[]): NginxNode[] {
  if (limits.length === 0) return []
  return [
    comment('Rate limits. Each gateway counts for itself.'),
    ...limits.map((limit) =>
      directive(
        'limit_req_zone',
        KEYS[limit.by],
        `zone=${rateZone(limit)}:${nginxSize(limit.zoneBytes)}`,
        `rate=${limit.count}r/${limit.per === 'second' ? 's' : 'm'}`,
      ),
    ),
    directive('limit_req_status', 429),
    directive('limit_req_log_level', 'warn'),
  ]
}

/**
 * NGINX counts requests in work as connections, so of HTTP/2 every stream would count as one. HTTP/2 is therefore
 * counted apart, up to as many streams as the allowed connections can carry.
 */
export function connectionZones(): NginxNode[] {
  return [
    comment('Connections at work. Of HTTP/2 NGINX counts streams, so these are counted apart.'),
    ...perProtocol('client', '$binary_remote_addr'),
    ...perProtocol('server', '$server_name'),
    directive('limit_conn_zone', '$gw_http1_client', `zone=gw_http1_client:${CONNECTION_ZONE}`),
    directive('limit_conn_zone', '$gw_http2_client', `zone=gw_http2_client:${CONNECTION_ZONE}`),
    directive('limit_conn_zone', '$gw_http1_server', `zone=gw_http1_server:${SERVER_ZONE}`),
    directive('limit_conn_zone', '$gw_http2_server', `zone=gw_http2_server:${SERVER_ZONE}`),
    directive('limit_conn_status', 429),
    directive('limit_conn_log_level', 'warn'),
  ]
}

/** Two variables of which one is empty, and an empty key is not counted. */
function perProtocol(what: string, key: string): NginxNode[] {
  const cases = (default_: string, http2: string): NginxNode[] => [
    directive('default', default_),
    directive('HTTP/2.0', http2),
  ]
  return [
    block('map', ['$server_protocol', `$gw_http1_${what}`], cases(key, '')),
    block('map', ['$server_protocol', `$gw_http2_${what}`], cases('', key)),
  ]
}

/** The limits of connections, for the server block. */
export function connectionLimits({ connectionsPerClient, connectionsPerServer }: Limits): NginxNode[] {
  return [
    directive('limit_conn', 'gw_http1_client', connectionsPerClient),
    directive('limit_conn', 'gw_http2_client', streams(connectionsPerClient)),
    directive('limit_conn', 'gw_http1_server', connectionsPerServer),
    directive('limit_conn', 'gw_http2_server', streams(connectionsPerServer)),
  ]
}

/** How many streams as many HTTP/2 connections carry at most. */
function streams(connections: number): number {
  return Math.min(connections * HTTP2_STREAMS, MOST_CONNECTIONS)
}

/**
 * The rate limits of one location, and the figures that an answer 429 there shows: those of the slowest limit, since
 * NGINX does not tell which one refused.
 */
export function routeLimits(names: readonly string[], limits: readonly RateLimit[]): NginxNode[] {
  const own = limits.filter(({ name }) => names.includes(name))
  const [slowest] = own.toSorted((one, other) => perSecond(one) - perSecond(other))
  if (slowest === undefined) return []
  return [
    ...own.map((limit) =>
      directive(
        'limit_req',
        `zone=${rateZone(limit)}`,
        ...(limit.burst > 0 ? [`burst=${limit.burst}`, 'nodelay'] : []),
      ),
    ),
    directive('set', '$gw_rate_limit', slowest.count),
    // One more request is let in after a share of the period; the whole burst after as many of them.
    directive('set', '$gw_rate_retry', Math.ceil(1 / perSecond(slowest))),
    directive('set', '$gw_rate_reset', Math.ceil((slowest.burst + 1) / perSecond(slowest))),
  ]
}

/** With the key in its name: NGINX refuses a reload that counts in a known zone by another key, and `nginx -t` does not. */
function rateZone({ name, by }: RateLimit): string {
  return `gw_rate_${name}_by_${by}`
}

function perSecond({ count, per }: RateLimit): number {
  return per === 'second' ? count : count / 60
}
