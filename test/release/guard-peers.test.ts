import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { guardPeers } from '../../src/release/guard-peers.js'
import { FakeTrialHost, fitness, GATEWAY, unreachable, VIP } from './fake-trial-host.js'
import { healthy, HealthServer } from './health-server.js'

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
  return guardPeers(host, peers, { gateway: GATEWAY, releases: ['v1.2', 'v1.1'] })
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

  it('as a standby, while the holder is fit, whatever that serves', async () => {
    two.holds = true
    two.fitness = fitness('v0.9')
    server.says(healthy('v0.9'))
    expect(await guard(one, two)).toBe(`gw-2 holds ${VIP}`)
    expect(two.forwarded).toEqual(['10.0.1.102'])
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

  it('as a standby, while the holder is unfit, however fit the others are', async () => {
    two.holds = true
    two.fitness = fitness('v1.1', { linkUp: false })
    expect((await refusal(guard(one, two, three))).frame).toBe('gw-2: its network interface is down')
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
