import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Gateway } from '../../src/model/gateway.js'
import { keepalivedConfiguration } from '../../src/render/keepalived/configuration.js'
import { nginxConfiguration } from '../../src/render/nginx/configuration.js'
import { ROOT } from '../architecture/source.js'

// A case is an inventory; beside it stands what its gateways get, as the files that a person reads in a review.

const CASES = join(ROOT, 'test/cases/render')

/** Inventories by the title of their case: the project's own, then those of the case folder. */
const inventories = [
  ...['production', 'staging', 'lab'].map((name) => [name, join(ROOT, `inventory/${name}.yml`)] as const),
  ...readdirSync(CASES)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => [basename(file, '.yml'), join(CASES, file)] as const),
]

async function gatewayOf(path: string): Promise<{ gateway: Gateway; hosts: readonly string[] }> {
  const { gateway, groups } = await loadInventory(path, { projectDir: ROOT, env: { HOME: '/home/ann' } })
  if (gateway === null) throw new Error(`${path} describes no gateway`)
  return { gateway, hosts: groups[gateway.group] ?? [] }
}

describe.each(inventories)('the inventory "%s"', (title, path) => {
  it('gives this nginx.conf', async () => {
    const { gateway } = await gatewayOf(path)
    await expect(nginxConfiguration(gateway)).toMatchFileSnapshot(join(CASES, `${title}.nginx.conf`))
  })

  it('gives the first gateway this keepalived.conf', async () => {
    const { gateway, hosts } = await gatewayOf(path)
    const text = keepalivedConfiguration(gateway, hosts[0] ?? '')
    await expect(text).toMatchFileSnapshot(join(CASES, `${title}.keepalived.conf`))
  })

  it('gives the other gateways the same keepalived.conf but for name and priority', async () => {
    const { gateway, hosts } = await gatewayOf(path)
    const [first, ...others] = hosts.map((host) => ({ host, text: keepalivedConfiguration(gateway, host) }))
    const priorities = gateway.virtualIp.priorities
    expect(others).not.toEqual([])
    for (const { host, text } of others) {
      const own = first?.text
        .replace(`router_id ${first.host}\n`, `router_id ${host}\n`)
        .replace(`priority ${priorities[first.host] ?? ''}\n`, `priority ${priorities[host] ?? ''}\n`)
      expect(text).toBe(own)
    }
  })
})

describe('keepalived.conf', () => {
  it('is not written for a host without a priority', async () => {
    const { gateway } = await gatewayOf(join(CASES, 'one-pool.yml'))
    expect(() => keepalivedConfiguration(gateway, 'app-1')).toThrow('app-1')
  })
})
