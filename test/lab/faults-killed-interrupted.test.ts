import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { Pause, type PausePoint } from './fixtures/pause.js'
import type { Place } from './fixtures/kill.js'
import { sample } from './fixtures/sample.js'

/** Ctrl-C in a deploy: once, it ends or undoes its step and says where hosts stand; twice, hosts undo it by themselves. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

const RELOADING: PausePoint = { program: 'systemctl', has: ['reload nginx.service'] }

interface StopCase {
  readonly when: string
  readonly on: readonly Place[]
  readonly pause: PausePoint
  readonly ends: 'old' | 'new'
}

const ONCE: readonly StopCase[] = [
  {
    when: 'while both are staged',
    on: ['first', 'last'],
    pause: { program: 'cp', has: ['/releases/.staged-'] },
    ends: 'old',
  },
  { when: 'while the first publishes', on: ['first'], pause: RELOADING, ends: 'old' },
  { when: 'while the last publishes', on: ['last'], pause: RELOADING, ends: 'old' },
  {
    when: 'while both confirm',
    on: ['first', 'last'],
    pause: { program: 'sync', has: ['/trial/confirmed.gw-staged'] },
    ends: 'new',
  },
]

describe('Ctrl-C', () => {
  it.each(sample(ONCE, 1))(
    'once $when: the fleet is $ends, and nothing is left to be done',
    ({ when, on, pause, ends }) =>
      fleet.underLoad(`Ctrl-C ${when}`, async () => {
        const inventory = fleet.fresh()
        const pauses = await Promise.all(on.map((place) => Pause.at(fleet[place], pause)))
        const run = fleet.start(inventory)
        await Promise.all(pauses.map((each) => each.reached()))
        run.kill('SIGINT')
        const begin = performance.now()
        await run.shows('Press Ctrl-C again to abandon')
        await Promise.all(pauses.map((each) => each.goOn()))
        const { status, stdout, stderr } = await run.ended
        const seconds = (performance.now() - begin) / 1000
        expect(status, stderr).toBe(130)
        for (const host of [fleet.first, fleet.last]) expect(stdout).toContain(`${host}  `)
        expect(stderr).toContain('Error INTERRUPTED stopped on request')
        expect(await fleet.status(inventory)).toMatchObject({ state: 'whole', runs: [] })
        const announced = /Stage (v\d+\.\d+)/.exec(stderr)?.[1] ?? 'none'
        await fleet.expectWhole([ends === 'old' ? fleet.served : announced])
        await fleet.deployAtOnce(inventory)
        return { outcome: `${ends} (gw, exit 130)`, seconds }
      }),
  )

  it('twice while the last publishes: gw ends at once, and both hosts go back by themselves', () =>
    fleet.underLoad('Ctrl-C twice while the last publishes', async () => {
      const inventory = fleet.fresh()
      const pause = await Pause.at(fleet.last, RELOADING)
      const run = fleet.start(inventory)
      await pause.reached()
      run.kill('SIGINT')
      const begin = performance.now()
      await run.shows('Press Ctrl-C again to abandon')
      run.kill('SIGINT')
      const { status, stderr } = await run.ended
      expect(status, stderr).toBe(130)
      // The program on the host still waits.
      expect(await fleet.status(inventory)).not.toMatchObject({ state: 'whole' })
      await pause.goOn()
      await fleet.selfSettled()
      const seconds = (performance.now() - begin) / 1000
      await fleet.expectWhole([fleet.served])
      await fleet.deployAtOnce(inventory)
      return { outcome: 'old (by itself)', seconds }
    }))
})
