import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCENARIOS } from '../../src/drill/scenarios/scenarios.js'
import { containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import { HALVES, signsOf } from './fixtures/disturbances.js'
import { DrilledPair, scenarioOf, stateOf } from './fixtures/drilled-pair.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { expectStays, holders, SOON } from './fixtures/vrrp.js'

/** What each scenario of a drill does to real hosts, and that nothing is left of it whoever undoes it. */

beforeAll(deployLab)
afterAll(deployLab)

/** Longer than any case takes, in seconds. */
const LATER = 60
/** Long enough to make a fault, in seconds: half of it, without the one in which it is armed. */
const SOONER = 5

const disturbed = SCENARIOS.filter(({ reboots }) => !reboots)

describe.each(disturbed.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  const sign = () => {
    const found = signsOf(ownLab().prefix)[name]
    if (found === undefined) throw new Error(`there is no sign of ${name}`)
    return found
  }

  async function expectFault(pair: DrilledPair): Promise<void> {
    await pair.expectSign(sign().isThere, true)
    const peer = pair.holder === 'gw-1' ? 'gw-2' : 'gw-1'
    if (scenario.expects === 'stays') await expectStays(pair.holder)
    if (scenario.expects === 'moves') await expect.poll(holders, SOON).toContain(peer)
    if (scenario.expects === 'splits') await expect.poll(holders, SOON).toEqual(['gw-1', 'gw-2'])
  }

  async function expectUndone(pair: DrilledPair): Promise<void> {
    expect(new Set(await pair.undoneBy())).toEqual(new Set(['gw']))
    if (sign().stays !== true) await pair.expectSign(sign().isThere, false)
  }

  it('is there when it was made, and gone when gw has undone it', async () => {
    const pair = await DrilledPair.with(scenario)
    await pair.expectReady()
    await pair.arm(LATER)
    await pair.disturb()
    await expectFault(pair)
    await pair.undo()
    await pair.undo()
    await expectUndone(pair)
  })
})

describe('a fault that was made by half', () => {
  const cases = disturbed.flatMap((scenario) => {
    const half = HALVES[scenario.name]
    return half === undefined ? [] : [[scenario.name, scenario, half] as const]
  })

  it.each(cases)('is gone: %s', async (_name, scenario, half) => {
    const pair = await DrilledPair.with(scenario)
    await pair.arm(LATER)
    await hostSays(pair.holder, half)
    await pair.undo()
    expect(await pair.undoneBy()).toEqual(['gw'])
  })
})

describe('a host that is left alone', () => {
  it('undoes what was made when the time is over, and not before', async () => {
    const pair = await DrilledPair.with(scenarioOf('nginx-hung'))
    const begin = performance.now()
    await pair.arm(SOONER)
    await pair.disturb()
    expect(await pair.undoneBy()).toEqual(['host'])
    expect(performance.now() - begin).toBeGreaterThan(SOONER * 1000 - 200)
  })
})

describe('a host that goes down', () => {
  it('undoes at its boot what was made before', async () => {
    const pair = await DrilledPair.with(scenarioOf('nginx-hung'))
    await pair.arm(LATER)
    await pair.disturb()
    await docker(['restart', '--time', '0', containerName(ownLab().name, pair.holder)])
    expect(await pair.undoneBy()).toEqual(['boot'])
  })

  it('comes back by itself when it reboots, and nothing is left to be undone', async () => {
    const pair = await DrilledPair.with(scenarioOf('reboot'))
    await pair.expectReady()
    await pair.arm(LATER)
    await pair.disturb()
    await expect
      .poll(() => stateOf(pair.holder).catch(() => null), { timeout: 30_000 })
      .toMatchObject({
        armed: null,
        undone: { by: 'boot' },
      })
    expect(await pair.undoneBy()).toEqual(['boot'])
  })

  it('does not reboot when that was undone in time', async () => {
    const pair = await DrilledPair.with(scenarioOf('reboot'))
    await pair.arm(LATER)
    const { disturb, undo } = pair.disturbanceOn(pair.holder)
    const main = await hostSays(pair.holder, 'systemctl show --property=MainPID --value nginx')
    await hostSays(pair.holder, `set -eu; ${disturb.text}; (by=gw; ${undo.text})`)
    await pair.undo()
    expect(await pair.undoneBy()).toEqual(['gw'])
    expect(await hostSays(pair.holder, 'systemctl show --property=MainPID --value nginx')).toBe(main)
  })
})
