import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'
import { SCENARIOS } from '../../src/drill/scenarios/scenarios.js'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, settledPair, type GatewayName } from './fixtures/vrrp.js'

/** A drill that loses its gw: the hosts undo what was done to them, and the next gw says so. */

const { inventory } = ownLab()

const LONG = { timeout: 240_000 }

beforeAll(async () => {
  expect((await gw(['deploy', inventory, '--yes'])).status).toBe(0)
})

beforeEach(async () => {
  await Promise.all(GATEWAYS.map((host) => hostSays(host, 'rm -f /var/lib/gw/drilled')))
})

afterEach(async () => {
  await gw(['lock', 'release', inventory])
  const { status, stdout } = await gw(['health', inventory, '--wait', '60s'])
  expect(status, stdout).toBe(0)
})

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (name, { on, reboots }) => {
    it('is undone by the hosts alone when gw is killed as soon as it was made', LONG, async () => {
      const { holder } = await settledPair()
      const flags = ['--hold', '2s', '--undo-after', '5s', '--lease', '2s', '--rate', '10']
      const running = startGw(['failover-drill', inventory, '--yes', '--scenario', name, ...flags])
      await running.shows('disturbed: ')
      running.kill('SIGKILL')
      await running.ended

      const hosts = on === 'holder' ? [holder] : GATEWAYS
      const undone = await Promise.all(hosts.map((host) => undoneOn(host, name)))

      const by = reboots ? 'boot' : 'host'
      expect(undone.map((each) => each.by)).toEqual(hosts.map(() => by))
      // What the boot of a host undoes that was to boot is no surprise.
      const words = undone.map(
        ({ run }, index) =>
          `the drill ${run} did not end: its ${name} on ${String(hosts[index])} was undone at `,
      )
      const { stdout } = await gw(['status', inventory])
      expect(
        words.filter((each) => stdout.includes(each)),
        stdout,
      ).toEqual(reboots ? [] : words)
      if (name !== 'peer-cut') return
      const { stderr } = await gw(['failover-drill', inventory, '--check', '--scenario', 'handover'])
      for (const each of words) expect(stderr).toContain(each)
    })
  },
)

interface Undone {
  readonly run: string
  readonly scenario: string
  readonly by: string
}

/** Waits until a host has undone a scenario, and is armed no longer. */
async function undoneOn(host: GatewayName, scenario: ScenarioName): Promise<Undone> {
  const look = 'if [ -e /var/lib/gw/drill ]; then echo armed; else cat /var/lib/gw/drilled; fi'
  const seen = () => hostSays(host, look).catch(() => 'down')
  await expect.poll(seen, { timeout: 60_000, interval: 200 }).toContain(`"scenario":"${scenario}"`)
  return JSON.parse(await hostSays(host, look)) as Undone
}
