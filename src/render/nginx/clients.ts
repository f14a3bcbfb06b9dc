import type { Limits } from '../../model/limits.js'
import type { NginxDialect } from './dialect.js'
import { nginxSize } from './size.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** The id of a request as logs, backends and answers carry it. */
export const REQUEST_ID = '$gw_request_id'

const KEEPALIVE = '30s'

/** Streams that a client may have open at once on one HTTP/2 connection. */
export const HTTP2_STREAMS = 128

/** How long clients may take, and how much they may send. */
export function clientConnections(limits: Limits, dialect: NginxDialect): NginxNode[] {
  // A line of the request fills at most one of these buffers: their size bounds the URI, all of them the header.
  const buffers = Math.max(1, Math.ceil(limits.maxHeaderBytes / limits.maxUriBytes))
  return [
    comment('How long clients may take, and how much they may send.'),
    directive('keepalive_timeout', KEEPALIVE),
    // Streams of HTTP/2 count as well: with few, parallel ones would be cut off in the middle.
    directive('keepalive_requests', 1000),
    // Without it a reload resets requests that clients send on connections that were idle: measured.
    ...(dialect.keepaliveMinTimeout ? [directive('keepalive_min_timeout', KEEPALIVE)] : []),
    directive('client_header_timeout', '12s'),
    directive('client_body_timeout', '12s'),
    directive('send_timeout', '10s'),
    directive('reset_timedout_connection', 'on'),
    directive('large_client_header_buffers', buffers, nginxSize(limits.maxUriBytes)),
    directive('client_max_body_size', nginxSize(limits.maxBodyBytes)),
    directive('http2_max_concurrent_streams', HTTP2_STREAMS),
  ]
}

/** The address that counts as the client's, and the id of its request. */
export function clientIdentity(trustedProxies: readonly string[]): NginxNode[] {
  return [
    ...realAddress(trustedProxies),
    comment("A client's request id is kept when it is sane, else a new one is made."),
    block(
      'map',
      ['$http_x_request_id', REQUEST_ID],
      [directive('default', '$request_id'), directive('~^[A-Za-z0-9._-]{8,128}$', '$http_x_request_id')],
    ),
  ]
}

function realAddress(trustedProxies: readonly string[]): NginxNode[] {
  if (trustedProxies.length === 0) return []
  return [
    comment(
      'Of these, X-Forwarded-For says who the client is; its last address that is none of them counts.',
    ),
    ...trustedProxies.map((network) => directive('set_real_ip_from', network)),
    directive('real_ip_header', 'X-Forwarded-For'),
    directive('real_ip_recursive', 'on'),
  ]
}
