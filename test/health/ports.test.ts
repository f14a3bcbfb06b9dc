import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Listener } from '../../src/facts/listeners.js'
import { judgePorts } from '../../src/health/phases/ports.js'
import { GATEWAY, gatewayWith } from './gateway.js'
import { hostSeen } from './observation.js'
import { anyWord, expectReadable, judgesItsCases } from './phase-cases.js'

function listener(address: string, port: number, programs = ['nginx']): Listener {
  return { address, port, queued: 0, backlog: 511, dropped: 0, droppedNow: 0, programs }
}

function verdictOn(address: string, vip: string) {
  const listeners = [listener(address, 80), listener(address, 443)]
  return judgePorts(hostSeen({ listeners }), gatewayWith({ virtualIp: { address: vip } })).verdict
}

describe('the phase ports', () => {
  judgesItsCases('ports', (seen) => judgePorts(seen, GATEWAY))

  it.each([
    ['0.0.0.0', '10.0.1.100'],
    ['*', '10.0.1.100'],
    ['10.0.1.100', '10.0.1.100'],
    ['0.0.0.0%eth0', '10.0.1.100'],
    ['*', '2001:db8::100'],
    ['[::]', '2001:db8::100'],
    ['::', '2001:db8::100'],
    ['2001:db8::100', '2001:DB8:0:0::100'],
    ['[2001:db8::100]', '2001:db8::100'],
  ])('passes a socket on %s for the virtual IP %s', (address, vip) => {
    expect(verdictOn(address, vip)).toBe('pass')
  })

  it.each([
    ['127.0.0.1', '10.0.1.100'],
    ['10.0.1.101', '10.0.1.100'],
    ['[::]', '10.0.1.100'],
    ['0.0.0.0%eth1', '10.0.1.100'],
    ['0.0.0.0', '2001:db8::100'],
    ['[::1]', '2001:db8::100'],
    ['2001:db8::101', '2001:db8::100'],
    ['', '10.0.1.100'],
  ])('fails a socket on %s for the virtual IP %s', (address, vip) => {
    expect(verdictOn(address, vip)).toBe('fail')
  })

  it('says something readable of whatever listens', () => {
    const anyListener: fc.Arbitrary<Listener> = fc.record({
      address: fc.oneof(fc.constantFrom('0.0.0.0', '*', '[::]'), anyWord),
      port: fc.constantFrom(80, 443, 8080),
      queued: fc.nat(600),
      backlog: fc.nat(600),
      dropped: fc.nat(),
      droppedNow: fc.nat(3),
      programs: fc.array(fc.oneof(fc.constant('nginx'), anyWord), { maxLength: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(anyListener, { maxLength: 6 }),
        fc.constantFrom('10.0.1.100', '2001:db8::100'),
        fc.boolean(),
        (listeners, address, isRunning) => {
          const seen = hostSeen({ listeners, ...(isRunning ? {} : { processes: { processes: [] } }) })
          const { verdict, findings } = judgePorts(seen, gatewayWith({ virtualIp: { address } }))
          findings.forEach(expectReadable)
          const ports = new Set(listeners.map(({ port }) => port))
          if (!isRunning || !ports.has(80) || !ports.has(443)) expect(verdict).not.toBe('pass')
        },
      ),
    )
  })
})
