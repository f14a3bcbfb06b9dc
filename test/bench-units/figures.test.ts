import { describe, expect, it } from 'vitest'
import { figuresOf, meetsGoal, tablesOf } from '../../bench/drill/figures.js'
import type { ScenarioReport } from '../../src/drill/report.js'
import type { Kind } from '../../src/drill/sample.js'

function clientsOf(kind: Kind, ms: number, failed: number): ScenarioReport['clients'][number] {
  return {
    ...{ kind, sent: 100, failed, failures: {}, unsent: 0, cut: 0 },
    ...{ p50Ms: 1, p99Ms: 2, slowestMs: 3, outage: null, unknownMs: 0, nodes: [] },
    silence: { fromMs: 0, toMs: ms, ms, unknownMs: 0, isOver: true },
  }
}

function run(changes: Partial<ScenarioReport>, tcpMs = 5, tlsMs = 6, failed = 0): ScenarioReport {
  return {
    ...{ name: 'nginx-stopped', expects: 'moves', verdict: 'pass', reasons: [], hosts: ['gw-1'] },
    ...{ holderBefore: 'gw-1', holderAfter: 'gw-2', startedAt: '2026-05-04T12:00:00.000Z', durationMs: 9000 },
    ...{ disturbedAt: 3000, undoneAt: 5000, undoneBy: 'gw', outageMs: Math.max(tcpMs, tlsMs) },
    clients: [clientsOf('tcp', tcpMs, 0), clientsOf('tls', tlsMs, failed), clientsOf('http2', 900, 3)],
    ...{ unmeasured: {}, latenessMs: 1, requests: [], events: [] },
    holders: [
      { host: 'gw-1', from: 0, to: 3010 },
      { host: 'gw-2', from: 3012, to: null },
    ],
    clocks: [{ host: 'gw-1', offsetMs: 0, errorMs: 1 }],
    ...changes,
  }
}

function only(...runs: readonly ScenarioReport[]) {
  const [figures, ...others] = figuresOf(runs)
  if (figures === undefined || others.length > 0) throw new Error('not one scenario')
  return figures
}

describe('figuresOf', () => {
  it('has the runs of each scenario, in the order of scenarios', () => {
    const all = figuresOf([
      run({ name: 'handover' }),
      run({}, 9, 7, 2),
      run({ verdict: 'deviated' }, 4, 3, 1),
    ])

    expect(all.map(({ name }) => name)).toEqual(['nginx-stopped', 'handover'])
    expect(all[0]).toEqual({
      name: 'nginx-stopped',
      verdicts: { pass: 1, deviated: 1 },
      runs: 2,
      outages: [4, 9],
      silences: { tcp: [4, 9], tls: [3, 7] },
      failed: { tcp: 0, tls: 3 },
      taken: [12, 12],
    })
  })

  it('has no time to the taker where nobody took the address while the fault lasted', () => {
    const back = { host: 'gw-2', from: 5001, to: null }

    expect(only(run({ holders: [{ host: 'gw-1', from: 0, to: null }, back] })).taken).toEqual([])
    expect(only(run({ disturbedAt: null })).taken).toEqual([])
  })

  it('counts a taker that by the clocks was a little early', () => {
    expect(only(run({ holders: [{ host: 'gw-2', from: 2999.5, to: null }] })).taken).toEqual([-0.5])
    expect(only(run({ holders: [{ host: 'gw-2', from: 2998, to: null }] })).taken).toEqual([])
  })
})

describe('meetsGoal', () => {
  it('is of the 99th percentile, which is the highest of 20', () => {
    const runs = Array.from({ length: 19 }, () => run({}))

    expect(meetsGoal(only(...runs, run({}, 49)))).toBe(true)
    expect(meetsGoal(only(...runs, run({}, 50)))).toBe(false)
  })

  it('is missed where an outage was not measured', () => {
    expect(meetsGoal(only(run({}), run({ outageMs: null })))).toBe(false)
  })

  it('of a handover is missed when a request failed', () => {
    expect(meetsGoal(only(run({ name: 'handover' })))).toBe(true)
    expect(meetsGoal(only(run({ name: 'handover' }, 5, 6, 1)))).toBe(false)
  })

  it('is not there for every scenario', () => {
    expect(meetsGoal(only(run({ name: 'disk-full' })))).toBeNull()
  })
})

describe('tablesOf', () => {
  it('has a row for each scenario in each table, and says when runs are missing', () => {
    const figures = figuresOf([run({}), run({ name: 'disk-full', outageMs: null, clients: [], holders: [] })])

    expect(tablesOf(figures, 1)).toBe(
      [
        '| scenario | runs | p50 | p99 | max | failed, tcp | failed, tls | goal |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
        '| `nginx-stopped` | 1 | 6 ms | 6 ms | 6 ms | 0 | 0 | under 50 ms: met |',
        '| `disk-full` | 1 |  |  |  | 0 | 0 |  |',
        '',
        '| scenario | tcp p50 | tcp max | tls p50 | tls max | address taken p50 | address taken max | verdicts |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
        '| `nginx-stopped` | 5 ms | 5 ms | 6 ms | 6 ms | 12 ms | 12 ms | 1 pass |',
        '| `disk-full` |  |  |  |  |  |  | 1 pass |',
      ].join('\n'),
    )
    expect(tablesOf(figures, 20)).toContain('| 1 of 20 |')
  })
})
