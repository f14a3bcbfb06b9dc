import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { guardHandover } from '../../src/failover/guard-handover.js'
import { FakeTrialHost, fitness, GATEWAY, unreachable, VIP } from '../release/fake-trial-host.js'
import { healthy, HealthServer } from '../release/health-server.js'

const RUN = '0a1b2c3d'

let server: HealthServer
let one: FakeTrialHost
let two: FakeTrialHost
let three: FakeTrialHost

beforeAll(async () => {
  server = await HealthServer.start()
})

afterAll(() => server.close())

beforeEach(() => {
  server.says(healthy('v1.1'))
  const reach = () => server.connection()
  one = new FakeTrialHost('gw-1', reach)
  two = new FakeTrialHost('gw-2', reach)
  three = new FakeTrialHost('gw-3', reach)
  one.holds = true
})

function guard(...peers: FakeTrialHost[]): Promise<string> {
  return guardHandover(one, peers, { gateway: GATEWAY, run: RUN })
}

async function refusal(guarded: Promise<string>): Promise<GwError> {
  const error: unknown = await guarded.catch((reason: unknown) => reason)
  if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
  expect([error.code, error.host]).toEqual(['PEER_UNFIT', 'gw-1'])
  return error
}

describe('a gateway may give the virtual IP away', () => {
  it('when the one that takes it answers, and is fit', async () => {
    expect(await guard(three, two)).toBe(`gw-2 can take ${VIP}`)
    expect(two.forwarded).toEqual(['10.0.1.102'])
  })

  it('when the address had only been on its way', async () => {
    two.holdsNext.push(true, true, false)
    expect(await guard(two)).toBe(`gw-2 can take ${VIP}`)
  })

  it('when one that could not be asked is not the only other one', async () => {
    two.lost = unreachable('gw-2')
    expect(await guard(two, three)).toBe(`gw-3 can take ${VIP}`)
  })
})

describe('a gateway may not give the virtual IP away', () => {
  it('which has gone meanwhile', async () => {
    one.holds = false
    two.holds = true
    const { message, nextSteps } = await refusal(guard(two))
    expect(message).toContain('gw-2 has it')
    expect(nextSteps).toEqual(['gw failover ENV looks again.'])
  })

  it('which two have', async () => {
    two.holds = true
    expect((await refusal(guard(two))).message).toContain('split brain: gw-1 and gw-2')
  })

  it('to one that does not answer', async () => {
    server.says('')
    expect((await refusal(guard(two))).frame).toContain('gw-2: /health was answered with')
  })

  it('to one whose clock is off, or that somebody else has', async () => {
    two.fitness = fitness('v1.1', { now: Date.now() / 1000 + 60 })
    three.trial = { run: '3fa9c210', release: 'v1.2', before: 'v1.1' }
    const { frame } = await refusal(guard(two, three))
    expect(frame).toContain('gw-2: its clock is 60 s ahead')
    expect(frame).toContain('gw-3: it has v1.2 on trial for run 3fa9c210')
  })

  it('to nobody: no other one could be asked', async () => {
    two.lost = unreachable('gw-2')
    expect((await refusal(guard(two))).frame).toContain('gw-2: it could not be asked')
  })
})
