import type { Gateway } from '../../model/gateway.js'
import { cacheStore } from './cache.js'
import { clientConnections, clientIdentity } from './clients.js'
import { compression } from './compression.js'
import type { NginxDialect } from './dialect.js'
import { accessLog } from './log.js'
import { connectionZones, rateZones } from './limits.js'
import { poolPath, RELEASE_CONF_PATH, sitePath } from './paths.js'
import { poolVariables } from './pool.js'
import { proxyVariables, retryConditions } from './proxy.js'
import { block, comment, directive, type NginxNode } from './syntax.js'
import { tlsSettings } from './tls.js'

const LEAST_SHUTDOWN_SECONDS = 60

/** nginx.conf: what holds for every request; pools and the site are files of their own. */
export function mainConfiguration(gateway: Gateway, dialect: NginxDialect): NginxNode[] {
  const { errorLog, errorLevel } = gateway.logging
  return [
    comment('Written by gw: changes made here are lost at the next deploy.'),
    directive('user', 'www-data'),
    directive('worker_processes', 'auto'),
    directive('worker_rlimit_nofile', 65535),
    directive('pcre_jit', 'on'),
    directive('pid', '/run/nginx.pid'),
    directive('error_log', errorLog, errorLevel),
    ...modules(dialect),
    comment('After a reload, old workers finish what they have, for as long as the slowest route may take.'),
    directive('worker_shutdown_timeout', `${shutdownSeconds(gateway)}s`),
    block(
      'events',
      [],
      [directive('worker_connections', 4096), directive('use', 'epoll'), directive('multi_accept', 'on')],
    ),
    block('http', [], http(gateway, dialect)),
  ]
}

function modules({ brotli }: NginxDialect): NginxNode[] {
  if (!brotli) return []
  const folder = '/usr/lib/nginx/modules'
  return [directive('load_module', `${folder}/ngx_http_brotli_filter_module.so`)]
}

function shutdownSeconds({ routes }: Gateway): number {
  const timeouts = routes.map((route) => (route.kind === 'pool' ? route.timeoutSeconds : 0))
  return Math.max(LEAST_SHUTDOWN_SECONDS, ...timeouts)
}

function http(gateway: Gateway, dialect: NginxDialect): NginxNode[] {
  return [
    directive('include', '/etc/nginx/mime.types'),
    directive('default_type', 'application/octet-stream'),
    directive('sendfile', 'on'),
    directive('tcp_nopush', 'on'),
    directive('server_tokens', 'off'),
    directive('server_names_hash_bucket_size', 512),
    directive('variables_hash_max_size', 2048),
    directive('variables_hash_bucket_size', 128),
    directive('proxy_headers_hash_max_size', 2048),
    directive('proxy_headers_hash_bucket_size', 256),
    ...clientConnections(gateway.limits, dialect),
    ...clientIdentity(gateway.trustedProxies),
    ...rateZones(gateway.rateLimits),
    ...connectionZones(),
    ...proxyVariables(gateway),
    ...retryConditions(),
    ...poolVariables(gateway.pools),
    ...cacheStore(gateway.routes),
    ...compression(dialect),
    ...tlsSettings(),
    ...accessLog(gateway.logging),
    comment('The name of this release, the pools, and the site that uses them.'),
    directive('include', RELEASE_CONF_PATH),
    ...gateway.pools.map(({ name }) => directive('include', poolPath(name))),
    directive('include', sitePath(gateway.domain)),
  ]
}
