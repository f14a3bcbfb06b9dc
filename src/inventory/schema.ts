import { z } from 'zod'
import { DURATION, parseDuration } from './duration.js'
import * as patterns from './patterns.js'

// The `error` of a schema says what is expected, as a noun phrase; of an object it lists the known keys, when the
// problem is an unknown one. schema-problems.ts makes sentences of them.

function section<Shape extends z.ZodRawShape>(shape: Shape, expected = 'a map') {
  const keys = Object.keys(shape).join(' ')
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? keys : expected) })
}

function word(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected })
}

function whole(from: number, to: number) {
  const error = `a whole number from ${from} to ${to}`
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error })
}

function flag() {
  return z.boolean({ error: 'true or false' })
}

/** A duration between two others, as milliseconds; `step` is the smallest difference that counts. */
function duration(from: string, to: string, step: string) {
  const expected = `a duration from ${from} to ${to} in steps of ${step}, such as ${from}`
  const [least, most, unit] = [from, to, step].map((text) => parseDuration(text) ?? 1)
  return word(DURATION, expected).transform((text, context) => {
    const value = parseDuration(text) ?? -1
    if (value >= (least ?? 0) && value <= (most ?? 0) && value % (unit ?? 1) === 0) return value
    context.addIssue({ code: 'custom', message: expected })
    return z.NEVER
  })
}

function oneOrMore<Item extends z.ZodType>(item: Item, expected: string) {
  return z.union([item, z.array(item)], { error: `${expected}, or a list of them` })
}

export const hostName = word(
  patterns.HOST_NAME,
  'a host name (letters, digits, `.`, `_`, `-`; at most 64, the first a letter or digit)',
)
const groupName = word(
  patterns.GROUP_NAME,
  'a group name (letters, digits, `.`, `_`, `-`; at most 64, the first a letter or digit)',
).refine((name) => name !== 'all', { error: 'a group name other than `all`, which stands for every host' })
const poolName = word(patterns.POOL_NAME, 'a pool name (small letters, digits, `_`, `-`; at most 32)')
const expectedAddress = 'an IP address or a DNS name, such as 10.0.1.101'
export const address = word(patterns.ADDRESS, expectedAddress).refine(patterns.isAddress, {
  error: expectedAddress,
})
const path = word(/^.{1,4096}$/, 'a path')
const port = whole(1, 65_535)
const user = word(patterns.USER_NAME, 'a user name (letters, digits, `_`, `.`, `@`, `-`)')
const secret = word(
  patterns.SECRET_REFERENCE,
  'a reference to a secret, never the secret itself: env:NAME, file:PATH or cmd:COMMAND',
)
const values = z.record(z.string(), z.json(), { error: 'a map of values' }).describe('Values for playbooks')

const endpoint = {
  user: user.optional().describe('User to log in as; default: your own name'),
  port: port.optional().describe('Port of sshd; default: 22'),
  identity_file: oneOrMore(path, 'the path of a private key')
    .optional()
    .describe('Private keys; relative to this file'),
  agent: z
    .union([flag(), path], { error: "true, false, or the path of an agent's socket" })
    .optional()
    .describe('SSH agent: true takes $SSH_AUTH_SOCK (default), false none'),
  known_hosts: oneOrMore(path, 'the path of a known_hosts file')
    .optional()
    .describe('known_hosts files; `gw trust` writes to the first; default: ~/.ssh/known_hosts'),
}

const hop = section({ address, ...endpoint }, 'the name of a host, or a map with `address`').meta({
  id: 'hop',
})

const connection = section({
  ...endpoint,
  driver: z
    .enum(['ssh2', 'openssh'], { error: '`ssh2` or `openssh`' })
    .optional()
    .describe("ssh2: gw's own client (default); openssh: the system's ssh"),
  jump: z
    .array(z.union([hostName, hop], { error: 'the name of a host, or a map with `address`' }), {
      error: 'a list of hops',
    })
    .optional()
    .describe(
      'The whole way to the host, first hop first; a host in the list is reached through those before it',
    ),
  become: z
    .union(
      [
        z.enum(['none', 'sudo']),
        section({ method: z.literal('sudo', { error: '`sudo`' }), password: secret.optional() }),
      ],
      { error: '`none`, `sudo`, or a map with `method` and `password`' },
    )
    .optional()
    .describe('How to become root; default: none. A password set for more hosts stays with `sudo`'),
  connect_timeout: duration('100ms', '10m', '1ms').optional().describe('Default: 10s'),
}).meta({ id: 'connection' })

const host = section({
  address,
  connection: connection.optional(),
  values: values.optional(),
})

const group = section({
  hosts: z.array(hostName, { error: 'a list of host names' }).optional(),
  children: z.array(groupName, { error: 'a list of group names' }).optional(),
  connection: connection.optional(),
  values: values.optional(),
})

const virtualIp = section({
  address: z
    .string({ error: 'an address with its prefix length, such as 10.0.1.100/24' })
    .refine((text) => patterns.parseCidr(text) !== null, {
      error: 'an address with its prefix length, such as 10.0.1.100/24',
    }),
  interface: word(patterns.INTERFACE_NAME, 'the name of a network interface, such as eth0'),
  virtual_router_id: whole(1, 255),
  // VRRPv3 sends the interval as centiseconds in 12 bits.
  advert_interval: duration('10ms', '40s', '10ms').prefault('50ms').describe('Default: 50ms'),
  priorities: z
    .record(hostName, whole(1, 254), { error: 'a map from host to priority' })
    .optional()
    .describe('Default: 100, 90, 80 and so on in the order of the group'),
})

const pool = section({
  group: groupName.optional().describe('Group of its hosts; default: the group of the same name'),
  port,
  balance: z
    .enum(['round_robin', 'least_conn'], { error: '`round_robin` or `least_conn`' })
    .default('round_robin'),
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
})

const route = section({
  path: word(patterns.ROUTE_PATH, 'a path that starts with `/` (letters, digits and `._~%@/-`)'),
  pool: poolName,
  timeout: duration('1s', '24h', '1s').prefault('60s').describe('Longest wait for the backend; default: 60s'),
})

const gateway = section({
  group: groupName.default('gateways').describe('Group of the gateway hosts; default: gateways'),
  domain: word(patterns.DOMAIN, 'a domain name in small letters, such as api.example.com'),
  vip: virtualIp.describe('The virtual IP that the gateways share'),
  pools: z.record(poolName, pool, { error: 'a map of pools' }),
  routes: z.array(route, { error: 'a list of routes' }).default([]),
})

/** An inventory file after `extends` and host ranges are resolved. */
export const inventoryFile = section({
  confirm: z
    .enum(['none', 'yes', 'name'], { error: '`none`, `yes` or `name`' })
    .default('yes')
    .describe("What a changing command asks first: nothing, yes or no, or the environment's name"),
  connection: connection.optional().describe('How to reach the hosts; groups and hosts may differ'),
  hosts: z
    .record(hostName, host, { error: 'a map of hosts' })
    .describe('Ranges such as `web-[1:5]` are allowed'),
  groups: z.record(groupName, group, { error: 'a map of groups' }).default({}),
  values: values.optional(),
  gateway: gateway.optional(),
})

/** The maps that a file with `extends` may leave incomplete. */
export const completedByBase: readonly unknown[] = [host, gateway, virtualIp, pool]

export type InventoryFile = z.output<typeof inventoryFile>
export type ConnectionSettings = z.output<typeof connection>
export type HopSettings = z.output<typeof hop>
export type GatewaySettings = z.output<typeof gateway>
export type PoolSettings = z.output<typeof pool>
