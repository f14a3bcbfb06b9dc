import { afterAll, beforeAll, describe, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { killed, type KillCase } from './fixtures/kill.js'
import { sample } from './fixtures/sample.js'

/** gw dies when the last gateway publishes and when all are confirmed: the moments between old and new. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

const CONFIRMING = { program: 'sync', has: ['/trial/confirmed.gw-staged'] }
const RELOADING = { program: 'systemctl', has: ['reload nginx.service'] }

const firstIsConfirmed = async ({ first }: Fleet): Promise<void> => {
  await hostSays(first, "timeout 30 sh -c 'while [ -e /var/lib/gw/trial ]; do sleep 0.02; done'")
}

const CASES: readonly KillCase[] = [
  {
    when: 'between the change of the link and the reload on the last host',
    moment: { on: ['last'], pause: RELOADING },
    program: 'dies',
    then: 'nothing',
    ends: 'old',
  },
  {
    when: 'after the reload on the last host',
    moment: { on: ['last'], pause: { program: 'cmp', has: ['keepalived/keepalived.conf'] } },
    program: 'goes on',
    then: 'resume',
    ends: 'new',
  },
  {
    when: 'before a host has begun to confirm',
    moment: { on: ['first', 'last'], pause: CONFIRMING },
    program: 'dies',
    then: 'nothing',
    ends: 'old',
  },
  {
    when: 'while both hosts confirm',
    moment: { on: ['first', 'last'], pause: CONFIRMING },
    program: 'goes on',
    then: 'nothing',
    ends: 'new',
  },
  {
    when: 'when one host is confirmed and the other has begun',
    moment: { on: ['last'], pause: { program: 'mv', has: [' /var/lib/gw/trial/confirmed'], after: true } },
    and: firstIsConfirmed,
    program: 'dies',
    then: 'nothing',
    ends: 'new',
  },
  {
    when: 'when one host is confirmed and the other is not',
    moment: { on: ['last'], pause: CONFIRMING },
    and: firstIsConfirmed,
    program: 'dies',
    then: 'resume',
    ends: 'new',
  },
  {
    when: 'when one host is confirmed and the other is not',
    moment: { on: ['last'], pause: CONFIRMING },
    and: firstIsConfirmed,
    program: 'dies',
    then: 'abort',
    ends: 'old',
  },
  {
    when: 'when both hosts are confirmed and locked',
    moment: {
      on: ['first', 'last'],
      pause: { program: 'mv', has: ['/var/lib/gw/lock /var/lib/gw/lock.old'] },
    },
    program: 'dies',
    then: 'nothing',
    ends: 'new',
  },
]

describe('gw killed', () => {
  it.each(sample(CASES, 2))('$when ($program): $ends by $then', (one) => killed(fleet, one))
})
