import type { Gateway, Pool, Route, Server } from '../../model/gateway.js'
import { block, comment, directive, printNginx, type NginxNode } from './syntax.js'

/** The whole nginx.conf of a gateway host; the same on every host of the fleet. */
export function nginxConfiguration(gateway: Gateway): string {
  return printNginx([
    comment('Written by gw: changes made here are overwritten by the next deploy.'),
    directive('user', 'www-data'),
    directive('worker_processes', 'auto'),
    directive('worker_rlimit_nofile', 65535),
    directive('pid', '/run/nginx.pid'),
    directive('error_log', '/var/log/nginx/error.log', 'warn'),
    block(
      'events',
      [],
      [directive('worker_connections', 4096), directive('use', 'epoll'), directive('multi_accept', 'on')],
    ),
    block('http', [], http(gateway)),
  ])
}

function http(gateway: Gateway): NginxNode[] {
  return [
    directive('include', '/etc/nginx/mime.types'),
    directive('default_type', 'application/octet-stream'),
    directive('sendfile', 'on'),
    directive('tcp_nopush', 'on'),
    directive('server_tokens', 'off'),
    directive('keepalive_timeout', '30s'),
    directive('keepalive_requests', 100),
    directive('log_format', 'gw', 'escape=json', ACCESS_LINE),
    directive('access_log', '/var/log/nginx/access.log', 'gw'),
    ...gateway.pools.map(upstream),
    block('server', [], site(gateway)),
  ]
}

const ACCESS_LINE = `{${[
  ['timestamp', '$time_iso8601'],
  ['request_id', '$request_id'],
  ['client', '$remote_addr'],
  ['method', '$request_method'],
  ['uri', '$request_uri'],
  ['status', '$status'],
  ['bytes', '$body_bytes_sent'],
  ['request_time', '$request_time'],
  ['upstream_time', '$upstream_response_time'],
  ['upstream', '$upstream_addr'],
  ['referer', '$http_referer'],
  ['user_agent', '$http_user_agent'],
]
  .map(([key, variable]) => `"${key}":"${variable}"`)
  .join(',')}}`

function upstream(pool: Pool): NginxNode {
  // NGINX drops the pool of idle connections with only a warning when the method is named after it.
  const method = pool.balance === 'least_conn' ? [directive('least_conn')] : []
  return block(
    'upstream',
    [pool.name],
    [
      directive('zone', `pool_${pool.name}`, '64k'),
      ...method,
      ...pool.servers.map(server),
      directive('keepalive', pool.keepalive),
    ],
  )
}

function server(server: Server): NginxNode {
  const limit = server.maxConnections > 0 ? [`max_conns=${server.maxConnections}`] : []
  const backup = server.backup ? ['backup'] : []
  return directive(
    'server',
    `${server.address}:${server.port}`,
    `weight=${server.weight}`,
    `max_fails=${server.maxFails}`,
    `fail_timeout=${server.failTimeoutSeconds}s`,
    ...limit,
    ...backup,
  )
}

function site(gateway: Gateway): NginxNode[] {
  return [
    directive('listen', 80, 'default_server'),
    directive('server_name', gateway.domain),
    block(
      'location',
      ['=', '/health'],
      [
        directive('access_log', 'off'),
        directive('default_type', 'application/json'),
        directive('return', 200, '{"status":"healthy","timestamp":"$time_iso8601"}'),
      ],
    ),
    ...gateway.routes.map(location),
  ]
}

function location(route: Route): NginxNode {
  return block(
    'location',
    [route.path],
    [
      directive('proxy_pass', `http://${route.pool}`),
      // Without these two, NGINX opens a new connection to the backend for every request.
      directive('proxy_http_version', '1.1'),
      directive('proxy_set_header', 'Connection', ''),
      directive('proxy_set_header', 'Host', '$host'),
      directive('proxy_set_header', 'X-Real-IP', '$remote_addr'),
      directive('proxy_set_header', 'X-Forwarded-For', '$remote_addr'),
      directive('proxy_set_header', 'X-Forwarded-Proto', '$scheme'),
      directive('proxy_set_header', 'X-Forwarded-Host', '$host'),
      directive('proxy_set_header', 'X-Request-ID', '$request_id'),
      directive('proxy_connect_timeout', '5s'),
      directive('proxy_send_timeout', `${route.timeoutSeconds}s`),
      directive('proxy_read_timeout', `${route.timeoutSeconds}s`),
      directive('proxy_next_upstream', 'error', 'timeout', 'http_502', 'http_503', 'http_504'),
      directive('proxy_next_upstream_tries', 2),
      directive('proxy_next_upstream_timeout', '10s'),
    ],
  )
}
