import { describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { planHandover, type Handover } from '../../src/failover/plan-handover.js'
import type { LockState } from '../../src/model/lock.js'
import type { Seen } from '../../src/release/peer-sight.js'
import { fitness, GATEWAY, RUNNING, VIP } from '../release/fake-trial-host.js'

const RUN = '0a1b2c3d'
const OTHER = '3fa9c210'

function gateway(name: string, changes: Partial<Seen> = {}): Seen {
  const well = { nginx: RUNNING, keepalived: RUNNING, fitness: fitness('v1.1'), lock: null, trial: null }
  return { name, holds: false, ...well, ...changes }
}

const holder = gateway('gw-1', { holds: true })

function plan(...seen: Seen[]): Handover {
  return planHandover(seen, { gateway: GATEWAY, run: RUN })
}

function refusal(...seen: Seen[]): GwError {
  try {
    plan(...seen)
  } catch (error) {
    if (error instanceof GwError) return error
  }
  throw new Error('it was not refused')
}

function lockOf(run: string, leftSeconds: number): LockState {
  const who = { by: 'bob@laptop', command: 'gw deploy production', reason: '', since: 'now' }
  return {
    holder: { kind: 'run', run, ...who, release: null, before: null, hosts: [] },
    token: 4,
    leftSeconds,
  }
}

describe('the virtual IP goes', () => {
  it('from the gateway that has it to the one with the highest priority', () => {
    expect(plan(gateway('gw-3'), gateway('gw-2'), holder)).toEqual({ from: 'gw-1', to: 'gw-2' })
  })

  it('past a gateway that its own keepalived keeps out', () => {
    const out = gateway('gw-2', { fitness: fitness('v1.1', { nginxState: '1' }) })
    expect(plan(holder, out, gateway('gw-3'))).toEqual({ from: 'gw-1', to: 'gw-3' })
  })

  it('while the lock and the trial of this same run are there, and a lock whose lease is over', () => {
    const own = gateway('gw-2', {
      lock: lockOf(RUN, 20),
      trial: { run: RUN, release: 'v1.2', before: 'v1.1' },
    })
    expect(plan({ ...holder, lock: lockOf(OTHER, 0) }, own).to).toBe('gw-2')
  })
})

describe('the virtual IP stays, as', () => {
  const why = ({ code, message, frame = '' }: GwError): string => `${code} ${message}\n${frame}`

  it('nobody has it', () => {
    expect(why(refusal(gateway('gw-1'), gateway('gw-2')))).toContain(
      `PEER_UNFIT none of gw-1, gw-2 holds ${VIP}`,
    )
  })

  it('two have it', () => {
    const { code, message, host } = refusal(holder, gateway('gw-2', { holds: true }))
    expect([code, host]).toEqual(['PEER_UNFIT', 'gw-1'])
    expect(message).toContain('split brain: gw-1 and gw-2 hold')
  })

  it('there is no other gateway', () => {
    expect(refusal(holder).frame).toBe('no other gateway was asked')
  })

  it.each<[string, Partial<Seen>, string]>([
    ['runs no NGINX', { nginx: { ...RUNNING, active: 'inactive' } }, 'gw-2: nginx.service is inactive'],
    ['runs no keepalived', { keepalived: null }, 'gw-2: systemd does not run, nor keepalived.service'],
    ['has no network', { fitness: fitness('v1.1', { linkUp: false }) }, 'its network interface is down'],
    ['has another release', { fitness: fitness('v1.0') }, 'gw-2: it serves v1.0, not v1.1'],
    ['has no release', { fitness: fitness('v1.1', { release: null }) }, 'no release is published there'],
  ])('the only other gateway %s', (_what, changes, reason) => {
    const error = refusal(holder, gateway('gw-2', changes))
    expect(why(error)).toMatch(/^PEER_UNFIT no gateway that is fit would take /)
    expect(error.frame).toContain(reason)
    expect(error.nextSteps).toEqual(['gw health ENV says what helps.'])
  })

  it('the one that would take it is unfit, though another one is fit', () => {
    const unfit = gateway('gw-2', { fitness: fitness('v1.0') })
    expect(refusal(holder, unfit, gateway('gw-3')).frame).toBe('gw-2: it serves v1.0, not v1.1')
  })

  it.each(['gw-1', 'gw-2'])('a release is on trial on %s that nobody confirmed', (name) => {
    const trial = { run: OTHER, release: 'v1.2', before: 'v1.1' }
    const seen = [holder, gateway('gw-2')].map((each) => (each.name === name ? { ...each, trial } : each))
    const { code, host, message, nextSteps } = refusal(...seen)
    expect([code, host]).toEqual(['PEER_UNFIT', name])
    expect(message).toContain(`v1.2 on trial for run ${OTHER}`)
    expect(nextSteps.join()).toContain('gw abort ENV')
  })
})

describe('while another run has a gateway', () => {
  const lock = lockOf(OTHER, 20)

  it('who is fit is left to be judged when it has let go', () => {
    const unfit = { nginx: null, trial: { run: OTHER, release: 'v1.2', before: 'v1.1' } }
    expect(plan({ ...holder, lock }, gateway('gw-2', { ...unfit, lock }))).toEqual({
      from: 'gw-1',
      to: 'gw-2',
    })
    expect(plan({ ...holder, lock }, gateway('gw-2', { keepalived: null })).to).toBeNull()
  })

  it('its lock is what keeps the virtual IP, when that is with nobody or with two', () => {
    const both = [gateway('gw-1', { lock }), gateway('gw-2')]
    expect(refusal(...both).code).toBe('LOCK_HELD')
    expect(refusal(...both.map((each) => ({ ...each, holds: true }))).code).toBe('LOCK_HELD')
  })
})
