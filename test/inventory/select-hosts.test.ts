import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { selectHosts } from '../../src/inventory/select-hosts.js'

const production = await loadInventory('production', {
  projectDir: join(import.meta.dirname, '../..'),
  env: { HOME: '/home/ann', USER: 'ann' },
})

function select(pattern: string): string {
  return selectHosts(production, pattern)
    .map((host) => host.name)
    .join(' ')
}

describe('a pattern selects', () => {
  test.each([
    ['gw-2', 'gw-2'],
    ['gateways', 'gw-1 gw-2'],
    ['gw-2,gw-1', 'gw-1 gw-2'],
    ['gateways, admin-1', 'gw-1 gw-2 admin-1'],
    ['gateways,!gw-1', 'gw-2'],
    ['!gw-1,gateways', 'gw-2'],
    ['backends,!customer,!admin-4', 'admin-1 admin-2 admin-3'],
    ['all,!backends,!mongodb,!redis', 'gw-1 gw-2 mon-1 mon-2'],
    ['!backends,!mongodb,!redis,!monitoring', 'gw-1 gw-2'],
    ['gw-1,gw-1,gateways', 'gw-1 gw-2'],
  ])('%s: %s', (pattern, names) => {
    expect(select(pattern)).toBe(names)
  })
})

describe('a pattern is refused', () => {
  test.each([
    ['gatways', 'there is no host or group "gatways" in production; did you mean `gateways`?'],
    ['gateways,!gw-9', 'there is no host or group "gw-9" in production; did you mean `gw-1`?'],
    ['constructor', 'there is no host or group "constructor" in production'],
    ['gw-1,!gateways', '"gw-1,!gateways" selects no host of production'],
    ['gw-1,,gw-2', 'there is no host or group "" in production'],
    ['\u001b[31m', 'there is no host or group "\\u001b[31m" in production'],
  ])('%j: %s', (pattern, message) => {
    expect(() => selectHosts(production, pattern)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_HOST_OR_GROUP', exitCode: 2, message }) as Error,
    )
  })
})
