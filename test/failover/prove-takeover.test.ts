import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { proveStandby, proveTakeover } from '../../src/failover/prove-takeover.js'
import { FakeTrialHost, fitness, GATEWAY, unreachable, VIP } from '../release/fake-trial-host.js'
import { healthy, HealthServer } from '../release/health-server.js'

let server: HealthServer
let one: FakeTrialHost
let two: FakeTrialHost
let three: FakeTrialHost

const SOON = { patienceMs: 200 }

beforeAll(async () => {
  server = await HealthServer.start()
})

afterAll(() => server.close())

beforeEach(() => {
  server.says(healthy('v1.1', 'GW-2'))
  const reach = () => server.connection()
  one = new FakeTrialHost('gw-1', reach)
  two = new FakeTrialHost('gw-2', reach)
  three = new FakeTrialHost('gw-3', reach)
})

function proof(...peers: FakeTrialHost[]): Promise<string> {
  return proveTakeover(one, peers, { ...GATEWAY, ...SOON })
}

async function failureOf(proved: Promise<unknown>): Promise<GwError> {
  const error: unknown = await proved.catch((reason: unknown) => reason)
  if (error instanceof GwError) return error
  throw new Error('no GwError', { cause: error })
}

describe('a takeover', () => {
  it('is proved by the one holder, and by who answers through the virtual IP, asked from where it was', async () => {
    two.holds = true
    expect(await proof(two, three)).toBe('gw-2')
    expect([one, two, three].map(({ forwarded }) => forwarded)).toEqual([[VIP], [], []])
  })

  it('may take its time: with nobody, then with two', async () => {
    two.holdsNext.push(false, false, true, true, true)
    three.holdsNext.push(false, false, true, true, false)
    expect(await proof(two, three)).toBe('gw-2')
  })

  it('may not be answered at once', async () => {
    two.holds = true
    let asked = 0
    server.behaviour = (socket) => {
      asked += 1
      socket.end(asked < 3 ? healthy('v1.1', 'gw-1') : healthy('v1.1', 'gw-2'))
    }
    expect(await proveTakeover(one, [two], GATEWAY)).toBe('gw-2')
  })

  it('is undone when the address came back', async () => {
    one.holds = true
    server.says(healthy('v1.1', 'gw-1'))
    const { code, exitCode, host, message } = await failureOf(proof(two))
    expect([code, exitCode, host]).toEqual(['HANDOVER_UNDONE', 6, 'gw-1'])
    expect(message).toBe(`nobody took ${VIP}, so it came back here and is served as before`)
    expect([one.forwarded, two.forwarded]).toEqual([[], [VIP]])
  })

  it.each<[string, () => void, string]>([
    ['nobody has it', () => undefined, `no gateway has ${VIP}`],
    [
      'two have it',
      () => {
        two.holds = three.holds = true
      },
      `gw-2 and gw-3 have ${VIP}`,
    ],
    [
      'nobody has it of those that can be asked',
      () => {
        two.lost = unreachable('gw-2')
      },
      `no gateway has ${VIP}; no connection`,
    ],
    [
      'another one answers',
      () => {
        three.holds = true
      },
      `gw-3 has ${VIP}, but through it GW-2 answers`,
    ],
    [
      'nobody answers',
      () => {
        two.holds = true
        server.says('')
      },
      '/health was answered with',
    ],
  ])('is incomplete when %s', async (_what, make, words) => {
    make()
    const { code, exitCode, message, nextSteps } = await failureOf(proof(two, three))
    expect([code, exitCode]).toEqual(['HANDOVER_INCOMPLETE', 3])
    expect(message).toContain(words)
    expect(nextSteps.join()).toContain('gw health ENV')
  })
})

describe('who gave the virtual IP away', () => {
  const standby = () => proveStandby(one, { ...GATEWAY, ...SOON })

  it('stands by', async () => {
    await expect(standby()).resolves.toBeUndefined()
  })

  it('does not stand by in another state, or unfit', async () => {
    one.vrrp = 'FAULT'
    one.fitness = fitness('v1.1', { livenessState: '1' })
    const { code, host, message } = await failureOf(standby())
    expect([code, host]).toEqual(['HANDOVER_INCOMPLETE', 'gw-1'])
    expect(message).toBe(
      'it does not stand by again: its keepalived is in FAULT; its NGINX hangs (/run/gw/liveness.state)',
    )
  })

  it('does not stand by where it cannot be asked', async () => {
    one.lost = unreachable('gw-1')
    const { code, host } = await failureOf(standby())
    expect([code, host]).toEqual(['HANDOVER_INCOMPLETE', 'gw-1'])
  })
})
