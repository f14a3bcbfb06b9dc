import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { lineOf } from './fixtures/kill.js'
import { ownLab } from './fixtures/lab.js'
import { Pause } from './fixtures/pause.js'
import type { GatewayName } from './fixtures/vrrp.js'

/** A gateway loses its power around a publish. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

async function restart(host: GatewayName): Promise<void> {
  await docker(['restart', '--time', '0', containerName(ownLab().name, host)])
}

/** What the host wrote down about who took its release back. */
function revertedBy(host: GatewayName): Promise<string> {
  return hostSays(host, `sed 's/.*"by":"\\([a-z]*\\)".*/\\1/' /var/lib/gw/reverted`)
}

describe('a gateway restarted', () => {
  it('before the confirmation, gw killed: boots with the old release, and the fleet is whole', () => {
    const { first } = fleet
    const work = async () => {
      const inventory = fleet.fresh()
      const run = fleet.start(inventory)
      await run.shows(lineOf(first, 'ok          Prove it from outside'))
      run.kill('SIGKILL')
      const begin = performance.now()
      await restart(first)
      await run.ended
      await fleet.settledPair()
      await fleet.selfSettled()
      const seconds = (performance.now() - begin) / 1000
      await fleet.expectWhole([fleet.served])
      expect(await revertedBy(first)).toBe('boot\n')
      await fleet.deployAtOnce(inventory)
      return { outcome: 'old (by its boot)', seconds }
    }
    return fleet.underLoad('first host restarted after its publish, gw killed', work, first)
  })

  it('with the address, in its publish, gw alive: gw takes both back, or says that it cannot', () => {
    const { last } = fleet
    const work = async () => {
      const inventory = fleet.fresh()
      const pause = await Pause.at(last, { program: 'cmp', has: ['keepalived/keepalived.conf'] })
      const run = fleet.start(inventory)
      await pause.reached()
      const begin = performance.now()
      await restart(last)
      const { status, stderr } = await run.ended
      expect([3, 4, 6], stderr).toContain(status)
      await fleet.settledPair()
      await fleet.selfSettled()
      const seconds = (performance.now() - begin) / 1000
      await fleet.expectWhole([fleet.served])
      await fleet.deployAtOnce(inventory)
      return { outcome: `old (by its boot and gw, exit ${status ?? 'by a signal'})`, seconds }
    }
    return fleet.underLoad('last host restarted in its publish, gw alive', work, last)
  })

  it('after the confirmation: boots with the new release', () => {
    const { first } = fleet
    const work = async () => {
      await fleet.deployAtOnce(fleet.fresh())
      const begin = performance.now()
      await restart(first)
      await fleet.settledPair()
      const seconds = (performance.now() - begin) / 1000
      await fleet.expectWhole([fleet.served])
      await fleet.deployAtOnce(fleet.fresh())
      return { outcome: 'new', seconds }
    }
    return fleet.underLoad('first host restarted after the confirmation', work, first)
  })
})
