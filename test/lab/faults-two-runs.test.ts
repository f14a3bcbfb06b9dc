import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { deployLab } from './fixtures/gateway.js'
import { gw, startGw, variantInventory } from './fixtures/gw.js'
import { currentReleases } from './fixtures/host-state.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { noPauses, Pause } from './fixtures/pause.js'

/** Two deploys at once: one holds the gateways, the other is refused, or waits and decides anew. */

const POOL = '/etc/nginx/gw/pools/admin.conf'

function weight(value: number): string {
  return variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': value } } } } })
}

let holding: ReturnType<typeof startGw>
/** The weight that the deploy brings which is at work; another one each time. */
let held = 40
let pause: Pause

beforeAll(deployLab)
afterEach(() => noPauses('gw-2'))

/** A deploy that has the locks and stands still on a host. */
beforeEach(async () => {
  pause = await Pause.at('gw-2', { program: 'systemd-run', has: ['gw-watchdog'] })
  held += 1
  holding = startGw(['deploy', weight(held)])
  await pause.reached()
})

describe('a deploy while another one is at work', () => {
  it('is refused, changes nothing, and says who is at work', async () => {
    const refused = await gw(['deploy', weight(52), '--json'])

    const { error } = expectFailure(refused, { code: 'LOCK_HELD', status: 7 })
    expect(error?.message).toMatch(/held by run [0-9a-f]{8} \(gw deploy .* by /)
    await pause.goOn()
    expect(await holding.ended).toMatchObject({ status: 0 })
    const shows = await Promise.all(
      ['gw-1', 'gw-2'].map((host) => hostSays(host, `grep -c weight=${held} ${POOL}`)),
    )
    expect(shows).toEqual(['1\n', '1\n'])
  })

  it('waits when it may, and goes on with a plan of what is there then', async () => {
    const waiting = startGw(['deploy', weight(53), '--lock-wait', '1m'])
    await waiting.shows('waiting for the lock')
    await pause.goOn()

    expect(await holding.ended).toMatchObject({ status: 0 })
    const { status, stderr } = await waiting.ended

    expect(status, stderr).toBe(0)
    const [first, second] = await currentReleases()
    expect(first).toBe(second)
    const shown = await gw(['releases', ownLab().inventory, '--json'])
    const releases = shown.json()['releases'] as readonly unknown[]
    expect(releases.slice(0, 2)).toMatchObject([
      { release: first, current: true },
      { confirmed: true, previousOn: ['gw-1', 'gw-2'] },
    ])
    expect(await hostSays('gw-1', `grep -c weight=53 ${POOL}`)).toBe('1\n')
  })
})
