import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vrrpTransitions } from '../../src/drill/vrrp-log.js'

const SINCE = Date.parse('2026-11-22T03:00:00Z')

/** As journalctl prints it; `at` is in milliseconds since then. */
function journalLine(at: number, message: unknown): string {
  return JSON.stringify({
    __REALTIME_TIMESTAMP: String((SINCE + at) * 1000),
    MESSAGE: message,
    __CURSOR: 's=1',
  })
}

/** As gw's notify script writes it. */
function auditLine(at: number, state: string, rest: object = {}): string {
  const time = new Date(SINCE + at).toISOString()
  return JSON.stringify({
    time,
    host: 'gw-1',
    event: 'vrrp',
    instance: 'gateway',
    state,
    priority: 110,
    ...rest,
  })
}

function transitions(journal: readonly string[], audit: readonly string[] = []): [number, string][] {
  const logs = { journal: journal.join('\n'), audit: audit.join('\n'), since: SINCE }
  return vrrpTransitions(logs).map(({ at, state }) => [Math.round(at - SINCE), state])
}

describe("keepalived's changes of state", () => {
  it('are those that it tells in the journal', () => {
    const journal = [
      journalLine(5, '(gateway) Entering BACKUP STATE (init)'),
      journalLine(700, '(gateway) Entering MASTER STATE'),
      journalLine(900, '(gateway) sending GARPs'),
      journalLine(950, '(gateway) Entering FAULT STATE'),
    ]
    expect(transitions(journal)).toEqual([
      [5, 'BACKUP'],
      [700, 'MASTER'],
      [950, 'FAULT'],
    ])
  })

  it('are no others, and none from before', () => {
    const journal = [
      journalLine(-1, '(gateway) Entering MASTER STATE'),
      journalLine(1, '(other) Entering MASTER STATE'),
      journalLine(2, 'somebody says (gateway) Entering MASTER STATE'),
      journalLine(3, '(gateway) Entering \u001b[31mMASTER STATE'),
      journalLine(4, [40, 41]),
      '{"MESSAGE":"(gateway) Entering MASTER STATE","__REALTIME_TIMESTAMP":"soon"}',
      '{"MESSAGE":"(gateway) Entering MASTER STATE","__REALTIME_TIMESTAMP":"999999999999999999"}',
      '{"MESSAGE":"(gateway) Entering MASTER STATE"',
      'null',
      '7',
    ]
    const audit = [
      auditLine(-1, 'MASTER'),
      auditLine(1, 'MASTER', { event: 'run.ended' }),
      auditLine(2, 'MASTER', { instance: 'other' }),
      auditLine(3, 'DELETED'),
      auditLine(4, 'MASTER', { time: 'soon' }),
      auditLine(5, 'MASTER', { time: '+275760-09-13T00:00:00.000Z' }),
    ]
    expect(transitions(journal, audit)).toEqual([])
  })

  it('are those of the audit file where the journal has nothing', () => {
    const audit = [auditLine(40, 'BACKUP'), auditLine(20, 'FAULT')]
    expect(transitions([], audit)).toEqual([
      [20, 'FAULT'],
      [40, 'BACKUP'],
    ])
  })

  it('are those of the audit file before the journal of a boot begins, none of them twice', () => {
    const journal = [journalLine(90_000, '(gateway) Entering BACKUP STATE (init)')]
    const audit = [auditLine(10, 'FAULT'), auditLine(90_020, 'BACKUP')]
    expect(transitions(journal, audit)).toEqual([
      [10, 'FAULT'],
      [90_000, 'BACKUP'],
    ])
  })

  it('are read from anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.json()), (text, values) => {
        for (const journal of [text, values.join('\n')])
          expect(vrrpTransitions({ journal, audit: journal, since: 0 })).toEqual([])
      }),
    )
  })
})
