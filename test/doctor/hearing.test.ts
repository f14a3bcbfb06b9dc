import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hearingScript, parseHearing } from '../../src/doctor/hearing.js'
import { GATEWAY } from '../health/gateway.js'
import { run } from '../operations/local-shell.js'

const NAMES = ['gw-1', 'gw-2', 'gw-3']

describe('what a gateway heard', () => {
  it('is told by way, gateway and time to live', () => {
    const output =
      'heard m1 255\nheard u1 64\nheard u2 63\nrefused m Operation not permitted\nstranger 10.0.1.9\nend\n'
    expect(parseHearing(output, NAMES)).toEqual({
      failure: null,
      heard: { multicast: { 'gw-2': 255 }, unicast: { 'gw-2': 64, 'gw-3': 63 } },
      refused: { multicast: 'Operation not permitted' },
      strangers: ['10.0.1.9'],
    })
  })

  it.each([
    ['failed interface: No such device\n', 'interface: No such device'],
    ['sh: 1: perl: not found\nfailed the program ended early\n', 'the program ended early'],
    ['heard m1 255\n', 'the program was cut short'],
    ['', 'the program was cut short'],
  ])('is nothing to rely on after %j', (output, failure) => {
    expect(parseHearing(output, NAMES).failure).toBe(failure)
  })

  it('is never of somebody who does not take part, whatever is printed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('heard m', 'heard u', '1', '7', ' ', '\n', 'end', 'x') }),
        (text) => {
          const { heard } = parseHearing(text, NAMES)
          const names = [...Object.keys(heard.multicast), ...Object.keys(heard.unicast)]
          expect(names.filter((name) => !NAMES.includes(name))).toEqual([])
        },
      ),
    )
  })
})

describe('the program that sends and listens', () => {
  it('is Perl without warnings, and says why it could not', async () => {
    const virtualIp = { ...GATEWAY.virtualIp, interface: 'nowhere9' }
    const addresses = { 'gw-1': '127.0.0.1', 'gw-2': '127.0.0.2' }
    const script = hearingScript({ nonce: 'abc', virtualIp, addresses }, 'gw-1')
    const { stdout } = await run(script)
    // Who is not root gets no raw socket; who is has no such interface.
    expect(stdout).toMatch(/^failed (socket|interface): [^\n]+\n$/)
  })
})
