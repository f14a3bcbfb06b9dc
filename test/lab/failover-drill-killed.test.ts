import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, type GatewayName } from './fixtures/vrrp.js'

/** A drill that loses its gw: the hosts undo what was done to them, and the next gw says so. */

const { inventory } = ownLab()

const LONG = { timeout: 240_000 }

beforeAll(async () => {
  expect((await gw(['deploy', inventory, '--yes'])).status).toBe(0)
})

afterEach(async () => {
  await gw(['lock', 'release', inventory])
  const { status, stdout } = await gw(['health', inventory, '--wait', '60s'])
  expect(status, stdout).toBe(0)
})

describe('a drill whose gw is killed as soon as the fault is there', () => {
  it.each<ScenarioName>([
    ...(['nginx-stopped', 'nginx-killed', 'nginx-hung', 'keepalived-stopped', 'keepalived-killed'] as const),
    ...(['host-frozen', 'peer-cut', 'host-cut', 'disk-full', 'certificate-broken'] as const),
    ...(['backend-lost', 'pool-lost', 'handover', 'reboot'] as const),
  ])('is undone by the hosts alone: %s', LONG, async (name) => {
    const flags = ['--hold', '2s', '--undo-after', '5s', '--lease', '2s']
    const running = startGw(['failover-drill', inventory, '--yes', '--scenario', name, ...flags])
    await running.shows('disturbed: ')
    running.kill('SIGKILL')
    await running.ended
    const disturbed = await Promise.all(GATEWAYS.map(waitUndone))

    const { stdout } = await gw(['status', inventory])

    expect(disturbed.filter((each) => each)).not.toEqual([])
    expect(stdout).toContain(name)
    const { stderr } = await gw(['failover-drill', inventory, '--check', '--scenario', 'handover'])
    // What the boot of a host undoes that was to boot is no surprise.
    const told =
      name === 'reboot' ? /^/ : new RegExp(`its ${name} on gw-[12] was undone at .* by the host alone`)
    expect(stderr).toMatch(told)
  })

  /** Waits until nothing is armed on a host; whether anything was undone there. */
  async function waitUndone(host: GatewayName): Promise<boolean> {
    const isArmed = async () =>
      (await hostSays(host, '[ ! -e /var/lib/gw/drill ] || echo armed').catch(() => 'down')).trim()
    await expect.poll(isArmed, { timeout: 60_000, interval: 200 }).toBe('')
    return (await hostSays(host, 'cat /var/lib/gw/drilled 2>/dev/null || :')) !== ''
  }
})
