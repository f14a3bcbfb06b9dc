import { describe, expect, it } from 'vitest'
import { doctorText } from '../../src/cli/doctor-text.js'
import type { Diagnosis } from '../../src/doctor/diagnosis.js'
import { GwError } from '../../src/errors.js'
import { error, judged, unjudged, warning } from '../../src/health/judgement.js'

const OK = judged([])
const plain = (_style: unknown, text: string): string => text

const DIAGNOSIS: Diagnosis = {
  machine: { node: OK, keys: judged([warning('a key is open', 'chmod 600 key')]), clock: OK },
  hosts: [
    { host: 'gw-1', checks: { login: OK, disk: judged([error('it is \u001b[2Jfull', 'Empty it.')]) } },
    { host: 'gw-2', checks: { login: judged([error('refused', 'Start sshd.')]) } },
    { host: 'admin-1', checks: { login: OK, clock: unjudged('no clock') } },
  ],
  network: { vrrp: unjudged('it was not tried') },
  verdict: 'fail',
}

describe('what gw doctor shows', () => {
  it('is a table for each kind of place, then the gravest first, each with what helps', () => {
    const errors = [new GwError('CONNECTION_REFUSED', 'refused', { host: 'gw-2' })]
    expect(doctorText(DIAGNOSIS, errors, plain).split('\n')).toEqual([
      'THIS MACHINE  NODE  KEYS  CLOCK',
      '              ok    warn  ok',
      '',
      'HOST     LOGIN        DISK  CLOCK',
      'gw-1     ok           FAIL',
      'gw-2     unreachable',
      'admin-1  ok                 ?',
      '',
      'NETWORK  VRRP',
      '         ?',
      '',
      'gw-1  disk  error  it is full',
      '    Empty it.',
      'this machine  keys  warning  a key is open',
      '    chmod 600 key',
      'admin-1  clock  note  no clock',
      'network  vrrp  note  it was not tried',
      '',
      'not fit: 1 error, 1 warning, 1 host could not be asked',
    ])
  })

  it('is short where nothing was found', () => {
    const fine: Diagnosis = { machine: { node: OK }, hosts: [], network: {}, verdict: 'pass' }
    expect(doctorText(fine, [], plain)).toBe('THIS MACHINE  NODE\n              ok\n\nfit')
  })

  it('says that it is inconclusive', () => {
    const open: Diagnosis = {
      machine: {},
      hosts: [],
      network: { vrrp: unjudged('x') },
      verdict: 'inconclusive',
    }
    expect(doctorText(open, [], plain)).toMatch(/inconclusive$/)
  })
})
