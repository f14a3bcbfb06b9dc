import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ForwardingForbidden } from '../../src/connection/connection.js'
import { GwError } from '../../src/errors.js'
import { proveServed } from '../../src/release/served.js'
import { FakeTrialHost, GATEWAY, unreachable, VIP } from './fake-trial-host.js'
import { healthy, HealthServer } from './health-server.js'

let server: HealthServer
let reached: () => Promise<Duplex>
let host: FakeTrialHost
let peer: FakeTrialHost

beforeAll(async () => {
  server = await HealthServer.start()
  reached = () => server.connection()
})

beforeEach(() => {
  server.says(healthy('v1.2'))
  host = new FakeTrialHost('gw-1', reached)
  peer = new FakeTrialHost('gw-2', reached)
})

afterAll(() => server.close())

function prove(deadlineMs = 5000, peers = [peer]): Promise<string> {
  return proveServed(host, peers, { gateway: GATEWAY, release: 'v1.2', deadlineMs })
}

async function failureOf(proof: Promise<string>): Promise<GwError> {
  const error: unknown = await proof.catch((reason: unknown) => reason)
  if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
  expect(error.host).toBe('gw-1')
  return error
}

describe('the proof that a release is served', () => {
  it('asks a standby on its own address, from itself', async () => {
    expect(await prove()).toBe('v1.2 answers on its own address')
    expect(host.forwarded).toEqual(['10.0.1.101'])
    expect(peer.forwarded).toEqual([])
  })

  it('asks the holder through the virtual IP as well, from a peer', async () => {
    host.holds = true
    expect(await prove()).toBe(`v1.2 answers on its own address and through ${VIP}`)
    expect([host.forwarded, peer.forwarded]).toEqual([['10.0.1.101'], [VIP]])
  })

  it.each<[string, () => FakeTrialHost[]]>([
    ['there is none', () => []],
    ['none can be asked', () => [Object.assign(peer, { lost: unreachable('gw-2') })]],
    ['all hold it, too', () => [Object.assign(peer, { holds: true })]],
  ])('asks through the virtual IP from the holder itself when of the peers %s', async (_title, peers) => {
    host.holds = true
    await prove(5000, peers())
    expect(host.forwarded).toEqual(['10.0.1.101', VIP])
  })

  it('waits for old workers to be gone, and for NGINX to listen', async () => {
    const answers = [healthy('v1.1'), '', healthy('v1.1')]
    server.behaviour = (socket) => socket.end(answers.shift() ?? healthy('v1.2'))
    let refusals = 2
    host = new FakeTrialHost('gw-1', () =>
      refusals-- > 0 ? Promise.reject(unreachable('gw-1')) : server.connection(),
    )
    await prove()
    expect(host.forwarded).toHaveLength(6)
  })

  it('fails with what was seen last when its time is over', async () => {
    server.says(healthy('v1.1'))
    const error = await failureOf(prove(120))
    expect(error.code).toBe('RELEASE_NOT_SERVED')
    expect(error.message).toBe('v1.2 did not answer at 10.0.1.101 within 120 ms: release v1.1 answers')
    expect(error.nextSteps.join('\n')).toContain('curl -k --resolve api.example.com:443:10.0.1.101')
  })

  it('fails when the release answers on the own address only', async () => {
    host.holds = true
    peer = new FakeTrialHost('gw-2', () => Promise.reject(unreachable('gw-2')))
    const error = await failureOf(prove(120))
    expect(error.message).toContain(`v1.2 did not answer at ${VIP} within 120 ms`)
  })

  it('says so when the host forwards nothing, and cannot be reached from here either', async () => {
    const forbidden = new ForwardingForbidden(
      'CONNECTION_REFUSED',
      'the host does not allow TCP forwarding',
      {
        nextSteps: ['Set `AllowTcpForwarding local` in its sshd_config.'],
      },
    )
    host = new FakeTrialHost('gw-1', () => Promise.reject(forbidden))
    // No connection can be made to all hosts at once.
    const gateway = {
      ...GATEWAY,
      virtualIp: { ...GATEWAY.virtualIp, addresses: { 'gw-1': '255.255.255.255' } },
    }
    const proof = proveServed(host, [], { gateway, release: 'v1.2', deadlineMs: 100 })
    const error = await failureOf(proof)
    expect(error.message).toMatch(/within 100 ms: the host does not allow TCP forwarding$/)
    expect(error.nextSteps.join('\n')).toContain('AllowTcpForwarding')
  })

  it('ends at once when the host itself is lost', async () => {
    const lost = new GwError('CONNECTION_LOST', 'the host closed the connection', { host: 'gw-1' })
    host = new FakeTrialHost('gw-1', () => Promise.reject(lost))
    expect(await failureOf(prove())).toBe(lost)
    expect(host.forwarded).toHaveLength(1)
    host = Object.assign(new FakeTrialHost('gw-1', reached), { lost })
    expect(await failureOf(prove())).toBe(lost)
  })
})
