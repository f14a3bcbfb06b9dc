import * as z from 'zod'
import { isIP } from 'node:net'
import * as patterns from './patterns.js'
import {
  duration,
  flag,
  folder,
  groupName,
  headerName,
  headerValue,
  hostName,
  logFile,
  network,
  oneOrMore,
  path,
  poolName,
  port,
  rate,
  rateLimitName,
  secret,
  section,
  size,
  someOf,
  whole,
  word,
} from './schema-words.js'

const expectedVip = 'an address with its prefix length, such as 10.0.1.100/24'

const virtualIp = section({
  address: z
    .string({ error: expectedVip })
    .refine((text) => patterns.parseCidr(text) !== null, { error: expectedVip }),
  interface: word(patterns.INTERFACE_NAME, 'the name of a network interface, such as eth0'),
  virtual_router_id: whole(1, 255),
  // VRRPv3 sends the interval as centiseconds in 12 bits.
  advert_interval: duration('10ms', '40s', '10ms').optional().describe("Default: the profile's"),
  priorities: z
    .record(hostName, whole(1, 254), { error: 'a map from host to priority' })
    .optional()
    .describe('Default: 254, 253, 252 and so on in the order of the group'),
  unicast: flag()
    .optional()
    .describe("Adverts to each peer, for networks without multicast; default: the profile's"),
  addresses: z
    .record(
      hostName,
      word(patterns.ADDRESS, 'an IP address').refine((text) => isIP(text) !== 0, { error: 'an IP address' }),
      { error: 'a map from host to address' },
    )
    .default({})
    .describe("Addresses on the interface; default: the hosts' own"),
})

const vrrp = section({
  profile: z
    .enum(['fast', 'steady', 'cloud'], { error: '`fast`, `steady` or `cloud`' })
    .default('fast')
    .describe('How soon a gateway that is not heard of loses the virtual IP; default: fast'),
})

const certificateFiles = section({
  certificate: path.describe("PEM: the gateway's certificate, then those above it; relative to this file"),
  key: secret.describe('Its private key: file:PATH (relative to this file), env:NAME or cmd:COMMAND'),
})

const expectedTls = '`self-signed`, or a map with `self_signed` or `files`'

const tls = z.union(
  [
    z.literal('self-signed'),
    section(
      {
        self_signed: path.optional().describe('Folder of a CA that gw makes; relative to this file'),
        files: oneOrMore(certificateFiles, 'a map with `certificate` and `key`').optional(),
      },
      expectedTls,
    ),
  ],
  { error: expectedTls },
)

const expectedHealth = 'a path that starts with `/` (letters, digits and `._~@%/?=&+,:-`), or false'

const pool = section({
  group: groupName.optional().describe('Group of its hosts; default: the group of the same name'),
  port,
  balance: z
    .enum(['round_robin', 'least_conn', 'sticky'], { error: '`round_robin`, `least_conn` or `sticky`' })
    .default('round_robin')
    .describe('sticky: a client stays on one server, by a cookie, else by its address'),
  sticky_for: duration('1s', '365d', '1s').optional().describe('Life of the cookie; default: 30m'),
  weights: z
    .record(hostName, whole(1, 1000), { error: 'a map from host to weight' })
    .default({})
    .describe('Default: 100'),
  backup: z
    .array(hostName, { error: 'a list of host names' })
    .default([])
    .describe('Serve only when all others fail'),
  keepalive: whole(1, 10_000).default(32).describe('Idle connections that a worker keeps; default: 32'),
  max_fails: whole(0, 1000).default(2).describe('Default: 2'),
  fail_timeout: duration('1s', '1h', '1s').prefault('10s').describe('Default: 10s'),
  max_conns: whole(0, 1_000_000).default(0).describe('Default: 0, no limit'),
  tries: whole(1, 10).default(2).describe('Servers that a request may try, the first counted; default: 2'),
  retry_timeout: duration('1s', '1h', '1s').prefault('10s').describe('Default: 10s'),
  health: z
    .union([word(patterns.HEALTH_PATH, expectedHealth), z.literal(false)], { error: expectedHealth })
    .default('/health')
    .describe('What gw health asks each server; false: it only connects'),
  min_servers: whole(1, 1000)
    .optional()
    .describe('Least healthy servers, backups counted; default: half of those that are no backups'),
})

const rateLimit = section({
  by: z
    .enum(['client', 'authorization'], { error: '`client` or `authorization`' })
    .default('client')
    .describe('What is counted: requests of an address, or of a value of Authorization; default: client'),
  rate: rate.describe('Such as 100r/m or 10r/s'),
  burst: whole(0, 100_000).default(0).describe('Requests that may come at once on top; default: 0'),
  zone: size('64k', '512m').prefault('10m').describe('Memory for its counters; default: 10m'),
})

const expectedRequired = 'a list of at most 20 header names'

const route = section({
  path: word(
    patterns.ROUTE_PATH,
    'a path that starts with `/` (letters, digits and `._~@/-`; no empty part, no `.` or `..`)',
  ).describe('One that ends with `/` takes everything below it'),
  pool: poolName.optional(),
  files: folder.optional().describe('Folder on the gateways, instead of a pool'),
  methods: someOf(
    z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], {
      error: '`GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `OPTIONS`',
    }),
    'methods',
  )
    .optional()
    .describe('Default: all; GET allows HEAD'),
  allow: someOf(network('to let everybody in, leave `allow` out'), 'networks')
    .optional()
    .describe('Who may come in; default: all'),
  require: z
    .array(headerName, { error: expectedRequired })
    .max(20, { error: expectedRequired })
    .default([])
    .describe('Headers without which a request is answered 401'),
  rate_limits: z.array(rateLimitName, { error: 'a list of names of rate limits' }).default([]),
  timeout: duration('1s', '24h', '1s').optional().describe('Longest wait for the backend; default: 60s'),
  max_body: size('1k', '1000g').optional().describe('Default: limits.max_body'),
  buffering: flag().optional().describe('false passes every byte on at once; default: true'),
  websocket: flag().optional().describe('Default: false'),
  cache: duration('1s', '30d', '1s').optional().describe('How long answers are kept; default: no cache'),
  max_age: duration('1s', '365d', '1s').optional().describe('Of files, for browsers; default: 30d'),
})

const limits = section({
  // NGINX counts streams of HTTP/2, 128 of which make one connection, and no further than 65535.
  connections_per_client: whole(1, 500).default(10).describe('Default: 10'),
  connections_per_server: whole(1, 65_535).default(1000).describe('Default: 1000'),
  max_body: size('1k', '1000g').prefault('10m').describe('Default: 10m'),
  max_header: size('1k', '1m').prefault('16k').describe('Default: 16k'),
  max_uri: size('1k', '1m').prefault('8k').describe('Default: 8k'),
})

const logging = section({
  access: z
    .union([logFile, z.literal(false)], { error: 'the absolute path of a file, or false' })
    .default('/var/log/nginx/access.log')
    .describe('false: none'),
  error: logFile.default('/var/log/nginx/error.log'),
  level: z
    .enum(['info', 'notice', 'warn', 'error', 'crit'], {
      error: '`info`, `notice`, `warn`, `error` or `crit`',
    })
    .default('warn'),
})

function networks(everybody: string) {
  return z.array(network(everybody), { error: 'a list of networks' })
}

/** The part of an inventory that says what a fleet of gateways serves. */
export const gateway = section({
  group: groupName.default('gateways').describe('Group of the gateway hosts; default: gateways'),
  domain: word(patterns.DOMAIN, 'a domain name in small letters, such as api.example.com'),
  service: word(patterns.SERVICE_NAME, 'a name (letters, digits, `.`, `_`, `-`; the first a letter or digit)')
    .optional()
    .describe('The name that the gateway shows at `/`; default: the domain'),
  vip: virtualIp.describe('The virtual IP that the gateways share'),
  vrrp: vrrp.prefault({}).describe('How the gateways watch each other'),
  tls: tls.describe('The certificates'),
  pools: z.record(poolName, pool, { error: 'a map of pools' }),
  routes: z.array(route, { error: 'a list of routes' }).default([]).describe('The longest path wins'),
  rate_limits: z.record(rateLimitName, rateLimit, { error: 'a map of rate limits' }).default({}),
  limits: limits.prefault({}),
  response_headers: z
    .record(
      headerName,
      z.union([headerValue, z.literal(false)], { error: 'the value of a header, or false' }),
      { error: 'a map from header to value' },
    )
    .default({})
    .describe('On every answer, over the security headers that are there by default; false takes one out'),
  identity_headers: z
    .array(headerName, { error: 'a list of header names' })
    .default(['X-User-ID', 'X-Tenant-ID', 'X-User-Role', 'X-Auth-User', 'X-Auth-Role'])
    .describe('Taken out of what clients send'),
  trusted_proxies: networks('else any client could claim any address')
    .default([])
    .describe('Whose X-Forwarded-For is believed; default: nobody'),
  internal_networks: networks('these figures are not for all')
    .default(['10.0.0.0/8'])
    .describe("Who may see NGINX's own figures, besides the host itself"),
  logging: logging.prefault({}),
})

/** The maps of a gateway that a file with `extends` may leave incomplete. */
export const completedByBase: readonly unknown[] = [gateway, virtualIp, pool, rateLimit]

export type GatewaySettings = z.output<typeof gateway>
export type PoolSettings = z.output<typeof pool>
export type RouteSettings = z.output<typeof route>
export type TlsSettings = z.output<typeof tls>
