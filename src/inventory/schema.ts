import * as z from 'zod'
import { completedByBase as gatewayMaps, gateway } from './schema-gateway.js'
import {
  address,
  duration,
  flag,
  groupName,
  hostName,
  oneOrMore,
  path,
  port,
  secret,
  section,
  user,
  values,
} from './schema-words.js'

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
export const completedByBase: readonly unknown[] = [host, ...gatewayMaps]

export type InventoryFile = z.output<typeof inventoryFile>
export type ConnectionSettings = z.output<typeof connection>
export type HopSettings = z.output<typeof hop>
