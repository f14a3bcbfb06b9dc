import { afterAll, beforeAll, describe, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { killed, lineOf, type KillCase } from './fixtures/kill.js'
import { sample } from './fixtures/sample.js'

/** gw dies before a host publishes: nothing of it was ever served. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

const CASES: readonly KillCase[] = [
  {
    when: 'after the facts',
    moment: { lines: ({ first, last }) => [first, last].map((host) => lineOf(host, 'facts gathered')) },
    then: 'nothing',
    ends: 'old',
    state: 'whole',
  },
  {
    when: 'with the lock of one host',
    moment: { on: ['last'], pause: { program: 'sync', has: ['/var/lib/gw/token.new '] } },
    and: async ({ first }) => {
      await hostSays(first, "timeout 30 sh -c 'until [ -e /var/lib/gw/lock/lease ]; do sleep 0.02; done'")
    },
    program: 'dies',
    then: 'abort',
    ends: 'old',
  },
  {
    when: 'with the locks of both',
    moment: {
      on: ['first', 'last'],
      pause: { program: 'busctl', has: ['StartTransientUnit', 'gw-run-'] },
    },
    program: 'goes on',
    then: 'nothing',
    ends: 'old',
  },
  {
    when: 'while both are staged',
    moment: { on: ['first', 'last'], pause: { program: 'cp', has: ['/releases/.staged-'] } },
    program: 'dies',
    then: 'abort',
    ends: 'old',
  },
  {
    when: 'when both are staged',
    moment: { lines: ({ first, last }) => [first, last].map((host) => lineOf(host, 'changed     Stage')) },
    then: 'resume',
    ends: 'new',
  },
  {
    when: 'while the first is guarded',
    moment: { lines: ({ first }) => [lineOf(first, 'Make sure that')] },
    then: 'abort',
    ends: 'old',
  },
]

describe('gw killed', () => {
  it.each(sample(CASES, 2))('$when: $ends by $then', (one) => killed(fleet, one))
})
