import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src/drill/summary.js'
import { ledgerOf, secondOf } from './ledgers.js'

describe('the summary of a load', () => {
  it('counts what was sent, what failed and by what, and connections that were cut', () => {
    const samples = secondOf((due) => {
      if (due < 20) return { failure: 'refused', node: null }
      if (due < 50) return { failure: 'timeout', node: null }
      return due < 60 ? { failure: 'unsent', node: null } : {}
    })
    const cuts = [
      { kind: 'tls', at: 1 },
      { kind: 'http2', at: 2 },
      { kind: 'tls', at: 3 },
    ] as const
    expect(summaryOf(ledgerOf([...samples, ...secondOf(undefined, 'tcp')], { cuts }), 'tls')).toMatchObject({
      kind: 'tls',
      sent: 99,
      failed: 5,
      failures: { refused: 2, timeout: 3 },
      unsent: 1,
      cut: 2,
    })
  })

  it('has latencies from when requests were due, of those that were answered', () => {
    const samples = secondOf((due) => ({ ended: due + due / 10, failure: due === 990 ? 'answer' : null }))
    expect(summaryOf(ledgerOf(samples), 'tls')).toMatchObject({ p50Ms: 49, p99Ms: 98, slowestMs: 98 })
  })

  it('takes out of latencies how long the prober itself stood still', () => {
    const samples = secondOf((due) => ({ ended: due === 500 ? 702 : due + 2 }))
    const pauses = [{ from: 501, to: 700 }]
    expect(summaryOf(ledgerOf(samples.slice(50, 51), { pauses }), 'tls').p99Ms).toBe(3)
  })

  it('names gateways in the order in which they first answered', () => {
    const samples = secondOf((due) => ({ node: due < 500 ? 'gw-2' : 'gw-1' }))
    expect(summaryOf(ledgerOf(samples.toReversed()), 'tls').nodes).toEqual(['gw-2', 'gw-1'])
  })

  it('makes nothing up where nothing was asked', () => {
    expect(summaryOf(ledgerOf([]), 'tls')).toEqual({
      kind: 'tls',
      sent: 0,
      failed: 0,
      failures: {},
      unsent: 0,
      cut: 0,
      p50Ms: null,
      p99Ms: null,
      slowestMs: null,
      outage: null,
      unknownMs: 0,
      nodes: [],
    })
  })
})
