import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { inventoryJsonSchema } from '../../src/inventory/json-schema.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Inventory } from '../../src/model/inventory.js'

const ROOT = join(import.meta.dirname, '../..')
const ENVIRONMENTS = ['production', 'staging', 'lab']

function load(environment: string): Promise<Inventory> {
  return loadInventory(environment, { projectDir: ROOT, env: { HOME: '/home/ann', USER: 'ann' } })
}

function addresses(inventory: Inventory, group: string): string[] {
  const members = inventory.groups[group] ?? []
  return inventory.hosts.filter((host) => members.includes(host.name)).map((host) => host.connection.address)
}

describe('the inventory of production', () => {
  test('has the hosts of the reference gateway', async () => {
    const production = await load('production')
    expect(addresses(production, 'gateways')).toEqual(['10.0.1.101', '10.0.1.102'])
    expect(addresses(production, 'admin')).toEqual(['10.0.2.101', '10.0.2.102', '10.0.2.103', '10.0.2.104'])
    expect(addresses(production, 'customer')).toHaveLength(6)
    expect(addresses(production, 'mongodb')).toEqual(['10.0.4.101', '10.0.4.102', '10.0.4.103'])
    expect(addresses(production, 'redis')).toEqual(['10.0.5.101', '10.0.5.102', '10.0.5.103'])
    expect(production.groups['monitoring']).toEqual(['mon-1', 'mon-2'])
    expect(production.confirm).toBe('name')
  })

  test('has its pools and its virtual IP', async () => {
    const production = await load('production')
    const { gateway } = production
    const [admin, customer, websocket] = gateway?.pools ?? []
    expect(gateway?.virtualIp).toEqual({
      address: '10.0.1.100',
      prefixLength: 24,
      interface: 'eth0',
      virtualRouterId: 51,
      profile: 'fast',
      advertIntervalMs: 50,
      downAdverts: 3,
      priorities: { 'gw-1': 254, 'gw-2': 253 },
      unicast: false,
      addresses: { 'gw-1': '10.0.1.101', 'gw-2': '10.0.1.102' },
    })
    expect(admin?.servers.map(({ weight, backup }) => [weight, backup])).toEqual([
      [100, false],
      [100, false],
      [50, false],
      [100, true],
    ])
    expect(admin).toMatchObject({ healthPath: '/health', leastServers: 2 })
    expect(customer).toMatchObject({ balance: 'least_conn', keepalive: 64 })
    expect(
      customer?.servers.map(({ host, backup, maxConnections }) => ({ host, backup, maxConnections })),
    ).toContainEqual({
      host: 'customer-6',
      backup: true,
      maxConnections: 500,
    })
    expect(websocket).toMatchObject({ balance: 'sticky', stickySeconds: 1800 })
    expect(websocket?.servers.map(({ host }) => host)).toEqual(production.groups['customer'])
  })

  test('has its routes with their rules', async () => {
    const { gateway } = await load('production')
    const rules = gateway?.routes.map((route) => [
      route.path,
      route.kind === 'pool' ? `${route.pool} ${route.timeoutSeconds}s` : route.folder,
      route.rateLimits.join(' '),
    ])
    expect(rules).toEqual([
      ['/api/v1/admin/', 'admin 120s', 'admin'],
      ['/api/v1/', 'customer 60s', 'client user'],
      ['/api/v1/auth/', 'customer 60s', 'auth'],
      ['/api/v1/exports/', 'customer 300s', 'client user'],
      ['/api/v1/stream/', 'customer 3600s', 'client user'],
      ['/api/v1/uploads/', 'customer 60s', 'client user'],
      ['/ws', 'websocket 3600s', ''],
      ['/socket.io/', 'websocket 3600s', ''],
      ['/static/', '/var/www/static/', ''],
    ])
    expect(gateway?.routes[0]).toMatchObject({
      allow: ['10.0.0.0/8', '203.0.113.0/24'],
      requiredHeaders: ['X-Admin-Token'],
    })
    expect(gateway?.routes[4]).toMatchObject({ buffering: false })
    expect(gateway?.routes[5]).toMatchObject({ maxBodyBytes: 100 * 1024 * 1024 })
  })

  test('has its limits, its certificate, and HSTS for the lists of browsers', async () => {
    const { gateway } = await load('production')
    expect(
      gateway?.rateLimits.map(({ name, by, count, per, burst }) => [name, by, count, per, burst]),
    ).toEqual([
      ['client', 'client', 100, 'minute', 30],
      ['user', 'authorization', 200, 'minute', 50],
      ['admin', 'client', 50, 'minute', 10],
      ['auth', 'client', 10, 'second', 20],
    ])
    expect(gateway?.limits).toEqual({
      connectionsPerClient: 10,
      connectionsPerServer: 1000,
      maxBodyBytes: 10 * 1024 * 1024,
      maxHeaderBytes: 16 * 1024,
      maxUriBytes: 8 * 1024,
    })
    expect(gateway?.tls).toEqual({
      kind: 'files',
      pairs: [
        {
          certificate: join(ROOT, 'inventory/certs/api.insightserenity.com.crt'),
          key: { kind: 'env', name: 'GW_TLS_KEY' },
        },
      ],
    })
    expect(gateway?.responseHeaders['Strict-Transport-Security']).toContain('; preload')
  })

  test('stays short enough to be read in one go', async () => {
    const text = await readFile(join(ROOT, 'inventory/production.yml'), 'utf8')
    expect(text.split('\n').length).toBeLessThan(120)
  })
})

describe('the inventory of the lab', () => {
  test('reaches its hosts with the key and the known_hosts that the lab made, and asks nothing', async () => {
    const lab = await load('lab')
    expect(lab.confirm).toBe('none')
    expect(
      lab.hosts.map((host) => `${host.name} ${host.connection.address.slice('198.18.0.'.length)}`),
    ).toEqual([
      'gw-1 101',
      'gw-2 102',
      'admin-1 111',
      'admin-2 112',
      'admin-3 113',
      'customer-1 121',
      'customer-2 122',
      'customer-3 123',
      'mon-1 131',
    ])
    expect(lab.hosts[0]?.connection).toMatchObject({
      user: 'gw',
      agent: null,
      become: { method: 'sudo', password: null },
      identityFiles: [join(ROOT, 'lab/.labs/lab/id_ed25519')],
      knownHosts: [join(ROOT, 'lab/.labs/lab/known_hosts')],
    })
  })
})

test('the lab keeps its certificates with its own state, and staging says where its own are', async () => {
  const [lab, staging] = [await load('lab'), await load('staging')]
  expect(lab.gateway?.tls).toEqual({ kind: 'self-signed', folder: join(ROOT, 'lab/.labs/lab/tls') })
  expect(staging.gateway?.tls).toMatchObject({ kind: 'files' })
})

describe('the JSON Schema for editors', () => {
  test('is the one that the schemas give (else run: npx tsx bin/generate-schema.ts)', async () => {
    const committed = await readFile(join(ROOT, 'inventory/inventory.schema.json'), 'utf8')
    expect(committed).toBe(inventoryJsonSchema())
  })

  test.each(ENVIRONMENTS)('accepts %s and refuses a mistyped key in it', async (environment) => {
    const schema = z.fromJSONSchema(
      z.json().pipe(z.record(z.string(), z.json())).parse(JSON.parse(inventoryJsonSchema())),
    )
    const file: unknown = parse(await readFile(join(ROOT, `inventory/${environment}.yml`), 'utf8'))
    expect(schema.safeParse(file).success).toBe(true)
    expect(schema.safeParse({ ...z.record(z.string(), z.json()).parse(file), conection: {} }).success).toBe(
      false,
    )
  })
})
