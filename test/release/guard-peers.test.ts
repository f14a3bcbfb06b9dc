import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import type { Holder, LockState } from '../../src/model/lock.js'
import { guardPeers } from '../../src/release/guard-peers.js'
import { FakeTrialHost, fitness, GATEWAY, unreachable, VIP } from './fake-trial-host.js'
import { healthy, HealthServer } from './health-server.js'

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
  const reach = (): ReturnType<HealthServer['connection']> => server.connection()
  one = new FakeTrialHost('gw-1', reach)
  two = new FakeTrialHost('gw-2', reach)
  three = new FakeTrialHost('gw-3', reach)
})

function guard(host: FakeTrialHost, ...peers: FakeTrialHost[]): Promise<string> {
  return guardPeers(host, peers, { run: RUN, gateway: GATEWAY, releases: ['v1.2', 'v1.1'] })
}

function lockOf(more: Partial<Holder>, leftSeconds: number): LockState {
  const who = { run: '3fa9c210', by: 'bob@laptop', command: 'gw deploy production', reason: '', since: '' }
  const holder: Holder = { kind: 'run', ...who, release: null, before: null, hosts: [], ...more }
  return { holder, token: 4, leftSeconds }
}

async function refusal(guarded: Promise<string>): Promise<GwError> {
  const error: unknown = await guarded.catch((reason: unknown) => reason)
  if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
  expect([error.code, error.exitCode]).toEqual(['PEER_UNFIT', 3])
  expect(error.message).toContain('nothing was changed here')
  expect(error.nextSteps).not.toEqual([])
  return error
}

describe('a gateway may be changed', () => {
  it('when it is alone', async () => {
    one.holds = true
    expect(await guard(one)).toBe('there is no other gateway')
  })

  it('when nobody holds the address, however bare the others are', async () => {
    two.nginx = null
    two.fitness = fitness('v1.1', { release: null, folders: [] })
    expect(await guard(one, two)).toBe(`no gateway holds ${VIP}`)
  })

  it('when the address had only been on its way from one to the other', async () => {
    one.holds = true
    two.holdsNext.push(true, true, false)
    expect(await guard(one, two)).toBe(`gw-2 can take ${VIP}`)
  })

  it('when nobody had the address for a moment only', async () => {
    one.holdsNext.push(false, true)
    expect(await guard(one, two)).toBe(`gw-2 can take ${VIP}`)
  })

  it('as a standby, while the holder is fit, whatever that serves', async () => {
    two.holds = true
    two.fitness = fitness('v0.9')
    server.says(healthy('v0.9'))
    expect(await guard(one, two)).toBe(`gw-2 holds ${VIP}`)
    expect(two.forwarded).toEqual(['10.0.1.102'])
  })

  it('as a standby, while another standby is fit, however unfit the holder is', async () => {
    two.holds = true
    two.fitness = fitness('v1.1', { linkUp: false })
    expect(await guard(one, two, three)).toBe(`gw-3 can take ${VIP}`)
  })

  it('while a peer is in the same run', async () => {
    one.holds = true
    two.lock = lockOf({ run: RUN }, 20)
    two.trial = { run: RUN, release: 'v1.2', before: 'v1.1' }
    expect(await guard(one, two)).toBe(`gw-2 can take ${VIP}`)
  })

  it('while the lease of what a peer was left with is over', async () => {
    two.holds = true
    two.lock = lockOf({}, 0)
    expect(await guard(one, two)).toBe(`gw-2 holds ${VIP}`)
  })

  it('as the holder, while one of its peers is fit', async () => {
    one.holds = true
    two.lost = unreachable('gw-2')
    expect(await guard(one, two, three)).toBe(`gw-3 can take ${VIP}`)
  })
})

describe('a gateway may not be changed', () => {
  it('as the holder, while no peer is fit; each says why', async () => {
    one.holds = true
    two.lost = unreachable('gw-2')
    three.fitness = fitness('v1.1', { nginxState: '1', now: Date.now() / 1000 + 60 })
    const error = await refusal(guard(one, two, three))
    expect(error.host).toBe('gw-1')
    expect(error.frame?.split('\n').sort()).toEqual([
      'gw-2: it could not be asked: no connection: nothing listens there',
      'gw-3: to keepalived its NGINX does not serve (/run/gw/nginx.state); its clock is 60 s ahead',
    ])
    expect(error.nextSteps.join('\n')).toContain('--allow-unprotected')
    expect(error.nextSteps.join('\n')).toContain('On gw-3, see: systemctl status')
  })

  it('as the holder, while its peer serves neither this release nor the one before', async () => {
    one.holds = true
    two.fitness = fitness('v0.9')
    server.says(healthy('v0.9'))
    expect((await refusal(guard(one, two))).frame).toBe('gw-2: it serves v0.9, not v1.2 or v1.1')
  })

  it('as the holder, while its peer answers nothing', async () => {
    one.holds = true
    server.says('')
    const { frame } = await refusal(guard(one, two))
    expect(frame).toBe('gw-2: /health was answered with an end of the connection')
  })

  it('as a standby, while no other one is fit', async () => {
    two.holds = true
    two.fitness = fitness('v1.1', { linkUp: false })
    three.keepalived = null
    const { frame } = await refusal(guard(one, two, three))
    expect(frame).toBe(
      'gw-2: its network interface is down\ngw-3: systemd does not run, nor keepalived.service',
    )
  })

  it.each([
    [{}, 'its lock is held by run 3fa9c210 (gw deploy production by bob@laptop)'],
    [{ kind: 'hand' as const }, 'its lock is held by bob@laptop'],
  ])('while someone else has the lock of the only peer: %o', async (more, why) => {
    two.holds = true
    two.lock = lockOf(more, 20)
    expect((await refusal(guard(one, two))).frame).toBe(`gw-2: ${why}`)
  })

  it('while the only peer has a release of another run on trial', async () => {
    one.holds = true
    two.trial = { run: '3fa9c210', release: 'v1.1', before: 'v1.0' }
    expect((await refusal(guard(one, two))).frame).toBe('gw-2: it has v1.1 on trial for run 3fa9c210')
  })

  it('while nobody is seen to hold the address, but not everybody was seen', async () => {
    two.lost = unreachable('gw-2')
    expect((await refusal(guard(one, two))).frame).toContain('gw-2: it could not be asked')
  })

  it('while two hold the address', async () => {
    one.holds = true
    two.holds = true
    const error = await refusal(guard(one, two))
    expect(error.message).toContain(`split brain: gw-1 and gw-2 hold ${VIP} at the same time`)
  })

  it('when it cannot be asked itself', async () => {
    one.lost = unreachable('gw-1')
    await expect(guard(one, two)).rejects.toBe(one.lost)
  })
})
