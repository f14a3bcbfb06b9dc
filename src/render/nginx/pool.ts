import type { Pool, Server } from '../../model/pool.js'
import { nginxSize } from './size.js'
import { block, comment, directive, noted, type NginxNode } from './syntax.js'

const ZONE_STEP = 64 * 1024
const SERVERS_PER_STEP = 50

/** The file of one pool. */
export function poolConfiguration(pool: Pool): NginxNode[] {
  const zone = ZONE_STEP * Math.ceil(pool.servers.length / SERVERS_PER_STEP)
  return [
    comment(`The pool ${pool.name}.`),
    block(
      'upstream',
      [pool.name],
      [
        directive('zone', `pool_${pool.name}`, nginxSize(zone)),
        // NGINX drops the pool of idle connections with only a warning when the method is named after it.
        ...method(pool),
        ...weighed(pool).map(server),
        directive('keepalive', pool.keepalive),
      ],
    ),
  ]
}

function method({ name, balance }: Pool): NginxNode[] {
  switch (balance) {
    case 'round_robin':
      return []
    case 'least_conn':
      return [directive('least_conn')]
    case 'sticky':
      return [directive('hash', stickyKey(name), 'consistent')]
  }
}

/**
 * Of a sticky pool NGINX lays 160 points a unit of weight on its ring, in memory and at every reload. Only the
 * proportions count, so there the weights become as small as they can be.
 */
function weighed({ balance, servers }: Pool): readonly Server[] {
  if (balance !== 'sticky') return servers
  const unit = servers.map(({ weight }) => weight).reduce(greatestDivisor)
  return servers.map((server) => ({ ...server, weight: server.weight / unit }))
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

function server(server: Server): NginxNode {
  const address = server.address.includes(':') ? `[${server.address}]` : server.address
  return noted(
    server.host,
    'server',
    `${address}:${server.port}`,
    `weight=${server.weight}`,
    `max_fails=${server.maxFails}`,
    `fail_timeout=${server.failTimeoutSeconds}s`,
    ...(server.maxConnections > 0 ? [`max_conns=${server.maxConnections}`] : []),
    ...(server.backup ? ['backup'] : []),
  )
}

/** What each sticky pool knows a client by. */
export function poolVariables(pools: readonly Pool[]): NginxNode[] {
  return pools
    .filter(({ balance }) => balance === 'sticky')
    .flatMap(({ name }) => [
      comment(
        'The cookie holds the very key by which a client was first placed, its address, so that it stays where it is',
        'when its address changes; without a cookie the address decides.',
      ),
      block(
        'map',
        [`$cookie_${cookieName(name)}`, stickyKey(name)],
        [
          directive('default', '$remote_addr'),
          directive('~^[0-9A-Fa-f.:]{2,45}$', `$cookie_${cookieName(name)}`),
        ],
      ),
    ])
}

/** The cookie that keeps a client on its server, renewed by every answer; nothing for other pools. */
export function stickyCookie({ name, balance, stickySeconds }: Pool): NginxNode[] {
  if (balance !== 'sticky') return []
  const value = `${cookieName(name)}=${stickyKey(name)}`
  const attributes = `Path=/; Max-Age=${stickySeconds}; HttpOnly; Secure; SameSite=Lax`
  return [directive('add_header', 'Set-Cookie', `${value}; ${attributes}`, 'always')]
}

function cookieName(pool: string): string {
  return `gw_${pool.replaceAll('-', '_')}`
}

function stickyKey(pool: string): string {
  return `$${cookieName(pool)}_key`
}
