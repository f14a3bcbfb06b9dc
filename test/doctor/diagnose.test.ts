import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonClock } from '../../src/doctor/checks/clock.js'
import { diagnose } from '../../src/doctor/diagnose.js'
import { HOST_CHECKS } from '../../src/doctor/diagnosis.js'
import type { Examination, HostAnswers } from '../../src/doctor/examination.js'
import { GwError } from '../../src/errors.js'
import { GATEWAY, gatewayWith } from '../health/gateway.js'
import { EXAMINATION, host } from './examination.js'

const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens there', {
  host: 'gw-2',
  nextSteps: ['Start sshd.', 'Or do not.'],
})

/** The healthy pair with other answers of gw-2. */
function withSecond(answers: Partial<HostAnswers> | GwError): Examination {
  const [first, second] = EXAMINATION.hosts
  if (first === undefined || second === undefined || second.answers instanceof GwError)
    throw new Error('there are two gateways')
  const changed = answers instanceof GwError ? answers : { ...second.answers, ...answers }
  return { ...EXAMINATION, hosts: [first, { ...second, answers: changed }] }
}

describe('a diagnosis', () => {
  it('has every check of a pair that is well, in order, and passes', () => {
    const { verdict, hosts, network, machine } = diagnose(EXAMINATION, GATEWAY)
    expect(verdict).toBe('pass')
    expect(hosts.map(({ checks }) => Object.keys(checks))).toEqual([HOST_CHECKS, HOST_CHECKS])
    expect(Object.keys({ ...machine, ...network })).toEqual(['node', 'keys', 'clock', 'vrrp'])
  })

  it('knows of a host that could not be asked only why, and leaves the network open', () => {
    const { verdict, hosts, network } = diagnose(withSecond(REFUSED), GATEWAY)
    const finding = { severity: 'error', message: 'nothing listens there', help: 'Start sshd.' }
    expect(hosts[1]?.checks).toEqual({ login: { verdict: 'fail', findings: [finding] } })
    expect(network.vrrp).toEqual({
      verdict: 'inconclusive',
      findings: [
        {
          severity: 'note',
          message: 'VRRP was not tried with gw-2: it could not be asked, as its check login tells',
          help: '',
        },
      ],
    })
    expect(verdict).toBe('fail')
  })

  it('has no network with some of the gateways only', () => {
    const { verdict, network } = diagnose({ ...EXAMINATION, hosts: EXAMINATION.hosts.slice(0, 1) }, GATEWAY)
    expect(network).toEqual({})
    expect(verdict).toBe('pass')
  })

  it('leaves to the checks of a host why it did not listen', () => {
    const { network } = diagnose(withSecond({ hearing: null }), GATEWAY)
    expect(network.vrrp?.findings).toMatchObject([
      { message: 'VRRP was not tried with gw-2: its checks system and interface tell why' },
    ])
  })

  it('asks of a host that is no gateway only what gw itself needs', () => {
    const [first] = EXAMINATION.hosts
    if (first === undefined) throw new Error('there is a gateway')
    const backend = { ...first, host: host('admin-1', '10.0.1.111', 'admin'), isGateway: false }
    const { hosts } = diagnose({ ...EXAMINATION, hosts: [backend] }, GATEWAY)
    expect(Object.keys(hosts[0]?.checks ?? {})).toEqual(['login', 'disk', 'memory', 'clock'])
  })

  it('has no network without a gateway, and none to judge with a single one', () => {
    expect(diagnose(EXAMINATION, null).network).toEqual({})
    const single = gatewayWith({ virtualIp: {} })
    const alone = { ...single, virtualIp: { ...single.virtualIp, addresses: { 'gw-1': '10.0.1.101' } } }
    const hosts = EXAMINATION.hosts.slice(0, 1)
    expect(diagnose({ ...EXAMINATION, hosts }, alone).network.vrrp).toEqual({ verdict: 'pass', findings: [] })
  })

  it('says that VRRP over IPv6 is not tried', () => {
    const { network } = diagnose(EXAMINATION, gatewayWith({ virtualIp: { address: '2001:db8::100' } }))
    expect(network.vrrp?.verdict).toBe('inconclusive')
  })
})

describe('the clock that most have', () => {
  it('is one of them, and does not move with a single one of three or more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        (offsets, wrong) => {
          const { offset } = commonClock([...offsets, wrong])
          expect([0, ...offsets, wrong]).toContain(offset)
          expect(Math.abs(offset)).toBeLessThanOrEqual(0.1)
        },
      ),
    )
  })
})
