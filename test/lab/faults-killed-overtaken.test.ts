import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { lineOf } from './fixtures/kill.js'
import { Pause } from './fixtures/pause.js'
import { GATEWAYS } from './fixtures/vrrp.js'

/** Somebody else takes the fleet out of the hands of a run: its laptop slept too long, or it was aborted from elsewhere. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

/** Every file that gw manages, with its sum, and where the links lead. */
function managed(): Promise<string[]> {
  const script = `
    cd / && find -L etc/nginx etc/keepalived var/lib/gw/current/ var/lib/gw/releases -type f -exec sha256sum {} + | sort
    ls -l /var/lib/gw/current /var/lib/gw/previous`
  return Promise.all(GATEWAYS.map((host) => hostSays(host, script)))
}

describe('a run that slept past its lease', () => {
  it('changes nothing of what another run deployed meanwhile, and says both tokens', () =>
    fleet.underLoad('gw stopped before it publishes, overtaken by another run', async () => {
      const pauses = await Promise.all(
        GATEWAYS.map((host) => Pause.at(host, { program: 'mv', has: ['/releases/.staged-'] })),
      )
      const run = fleet.start(fleet.fresh())
      await Promise.all(pauses.map((pause) => pause.reached()))
      run.kill('SIGSTOP')
      const begin = performance.now()
      await Promise.all(pauses.map((pause) => pause.goOn()))
      await fleet.leasesOver()
      await fleet.deployAtOnce(fleet.fresh())
      const seconds = (performance.now() - begin) / 1000
      const before = await managed()
      run.kill('SIGCONT')
      const { status, stderr } = await run.ended
      expect(status, stderr).toBe(3)
      expect(stderr).toContain('LOCK_LOST')
      const [, own, last] =
        /its token is (\d+); no lock is there, and the last token was (\d+)/.exec(stderr) ?? []
      expect(Number(last)).toBeGreaterThan(Number(own))
      expect(await managed()).toEqual(before)
      await fleet.expectWhole([fleet.served])
      await fleet.deployAtOnce(fleet.fresh())
      return { outcome: "new (the other run's)", seconds }
    }))
})

describe('a run that is alive', () => {
  it('is ended by gw abort from elsewhere: nothing of it still runs, and the fleet is as it was', () =>
    fleet.underLoad('gw abort of a living run', async () => {
      const { first } = fleet
      const inventory = fleet.fresh()
      const pause = await Pause.at(first, { program: 'systemctl', has: ['reload nginx.service'] })
      const run = fleet.start(inventory)
      await pause.reached()
      expect(await hostSays(first, "systemctl list-units --plain --no-legend 'gw-run-*'")).not.toBe('')
      const begin = performance.now()
      await fleet.settle('abort', inventory)
      const seconds = (performance.now() - begin) / 1000
      await fleet.expectWhole([fleet.served])
      expect(await fleet.status(inventory)).toMatchObject({ state: 'whole', runs: [] })
      const { status, stderr } = await run.ended
      expect(status, stderr).not.toBe(0)
      expect(stderr).toContain(lineOf(first, ''))
      await fleet.expectWhole([fleet.served])
      await fleet.deployAtOnce(inventory)
      return { outcome: 'old (gw abort)', seconds }
    }))
})
