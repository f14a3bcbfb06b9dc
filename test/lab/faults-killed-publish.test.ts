import { afterAll, beforeAll, describe, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { deployLab } from './fixtures/gateway.js'
import { killed, lineOf, type KillCase, type Place } from './fixtures/kill.js'
import type { PausePoint } from './fixtures/pause.js'
import { sample } from './fixtures/sample.js'

/** gw dies while the first gateway publishes, and its program on the host goes on or dies with it. */

let fleet: Fleet

beforeAll(async () => {
  fleet = await Fleet.ready()
})

afterAll(deployLab)

const POINTS = {
  'before the watchdog is armed': { program: 'systemd-run', has: ['--unit=gw-watchdog-'] },
  'when the watchdog is armed': { program: 'systemd-run', has: ['--unit=gw-watchdog-'], after: true },
  'between the change of the link and the reload': {
    program: 'systemctl',
    has: ['reload nginx.service'],
  },
  'after the reload': { program: 'cmp', has: ['keepalived/keepalived.conf'] },
} as const satisfies Record<string, PausePoint>

function publishing(
  on: Place,
  when: keyof typeof POINTS,
  rest: Pick<KillCase, 'program' | 'then'>,
): KillCase {
  const moment = { on: [on], pause: POINTS[when] }
  return { when: `${when} on the ${on} host`, moment, ...rest, ends: rest.then === 'resume' ? 'new' : 'old' }
}

const CASES: readonly KillCase[] = [
  publishing('first', 'before the watchdog is armed', { program: 'goes on', then: 'nothing' }),
  publishing('first', 'before the watchdog is armed', { program: 'dies', then: 'resume' }),
  publishing('first', 'when the watchdog is armed', { program: 'goes on', then: 'abort' }),
  publishing('first', 'when the watchdog is armed', { program: 'dies', then: 'nothing' }),
  publishing('first', 'between the change of the link and the reload', {
    program: 'goes on',
    then: 'resume',
  }),
  publishing('first', 'between the change of the link and the reload', {
    program: 'dies',
    then: 'nothing',
  }),
  publishing('first', 'after the reload', { program: 'goes on', then: 'nothing' }),
  publishing('first', 'after the reload', { program: 'dies', then: 'abort' }),
  {
    when: 'when the first host is proved',
    moment: { lines: ({ first }) => [lineOf(first, 'ok          Prove it from outside')] },
    then: 'nothing',
    ends: 'old',
  },
]

describe('gw killed', () => {
  it.each(sample(CASES, 2))('$when ($program): $ends by $then', (one) => killed(fleet, one))
})
