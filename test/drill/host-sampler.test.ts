import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FleetSampler } from '../../src/drill/fleet-sampler.js'
import { HostSampler, type HostEvent } from '../../src/drill/host-sampler.js'
import type { DrillEvent } from '../../src/drill/report.js'
import { testHost } from '../engine/fixtures.js'
import { drillOptions } from './drill-options.js'
import { LookingHosts } from './looking-hosts.js'

// What real hosts see is the lab's matter; here are those that say what no host of good will says.

const SENSELESS = new Error('no sense')

let hosts: LookingHosts
let told: HostEvent[]

beforeEach(() => {
  hosts = new LookingHosts()
  told = []
})

afterEach(() => {
  expect(hosts.open).toBe(0)
  hosts.dispose()
})

/** Lines of the program, with the time. */
function now(...words: readonly string[]): string[] {
  return words.map((word) => `${word} ${(Date.now() / 1000).toFixed(6)}`)
}

const LOOKS = ['begin 1', 'address 0']
const SOON = { timeout: 9000, interval: 5 }

function look(onEvent: (event: HostEvent) => void): Promise<HostSampler> {
  const options = { reach: hosts.reach, address: '198.18.0.9', interface: 'eth0', forMs: 60_000, onEvent }
  return HostSampler.start(testHost('gw-1'), options)
}

describe('a host that tells senseless times', () => {
  it('is not heard where these are no dates', async () => {
    hosts.looks('gw-1', now(...LOOKS))
    const sampler = await look((event) => told.push(event))
    hosts.sees('gw-1', ['address 1 99999999999999999999.000000', ...now('address 1')])
    await expect.poll(() => told, SOON).toHaveLength(1)
    expect(new Date(told[0]?.at ?? NaN).getTime()).not.toBeNaN()
    expect(await sampler.stop()).toMatchObject([{ kind: 'address', holds: true }])
  })

  it('tells dates all the same, and that its clock is not known', async () => {
    hosts.looks('gw-1', now(...LOOKS))
    const entry = { MESSAGE: '(gateway) Entering MASTER STATE', __REALTIME_TIMESTAMP: '9'.repeat(17) }
    hosts.wrote('gw-1', [JSON.stringify(entry)])
    const sampler = await look((event) => told.push(event))
    hosts.sees('gw-1', ['address 1 99999999999.000000', 'address 0 0.000000'])
    await expect.poll(() => told, SOON).toHaveLength(2)
    const seen = await sampler.stop()
    expect(seen.map(({ kind }) => kind)).toContain('vrrp')
    for (const { at } of [...told, ...seen]) expect(new Date(at).getTime()).not.toBeNaN()
    expect(sampler.clock?.errorMs).toBeGreaterThan(1e9)
  })
})

describe('a fault of gw itself while a host looks', () => {
  it('ends the connection, and is thrown', async () => {
    hosts.looks('gw-1', now(...LOOKS))
    const sampler = await look((event) => {
      told.push(event)
      throw SENSELESS
    })
    hosts.sees('gw-1', now('address 1'))
    await expect.poll(() => told, SOON).toHaveLength(1)
    await expect(sampler.stop()).rejects.toBe(SENSELESS)
  })

  it('takes nothing from what other hosts saw, and is thrown when all has ended', async () => {
    const events: DrillEvent[] = []
    const event = (each: DrillEvent): void => {
      events.push(each)
      if (each.host === 'gw-1') throw SENSELESS
    }
    for (const host of ['gw-1', 'gw-2']) hosts.looks(host, now(...LOOKS))
    const options = drillOptions(hosts.reach, { listener: { scenario: () => undefined, event } })
    const sampler = await FleetSampler.start('gw-1', options)
    for (const host of ['gw-1', 'gw-2']) hosts.sees(host, now('address 1'))
    await expect.poll(() => events, SOON).toHaveLength(2)
    const { seen, clocks, failures } = await sampler.stop()
    expect(seen).toMatchObject([{ host: 'gw-2', holds: true }])
    expect([clocks.map(({ host }) => host), failures]).toEqual([['gw-1', 'gw-2'], [SENSELESS]])
    await expect(sampler.close()).rejects.toBe(SENSELESS)
  })
})
