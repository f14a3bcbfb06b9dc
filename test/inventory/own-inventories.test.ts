import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
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
    const { gateway } = await load('production')
    const [admin, customer] = gateway?.pools ?? []
    expect(gateway?.virtualIp).toEqual({
      address: '10.0.1.100',
      prefixLength: 24,
      interface: 'eth0',
      virtualRouterId: 51,
      advertIntervalMs: 50,
      priorities: { 'gw-1': 100, 'gw-2': 90 },
    })
    expect(admin?.servers.map(({ weight, backup }) => [weight, backup])).toEqual([
      [100, false],
      [100, false],
      [50, false],
      [100, true],
    ])
    expect(customer).toMatchObject({ balance: 'least_conn', keepalive: 64 })
    expect(
      customer?.servers.map(({ host, backup, maxConnections }) => ({ host, backup, maxConnections })),
    ).toContainEqual({
      host: 'customer-6',
      backup: true,
      maxConnections: 500,
    })
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
