import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BIN_MS, requestBins } from '../../src/drill/request-bins.js'
import { FAILURES, KINDS, type Sample } from '../../src/drill/sample.js'
import { ledgerOf, secondOf } from './ledgers.js'

describe('requests in equal spans of time', () => {
  it('are counted by when they were due, by who answered', () => {
    const samples = secondOf((due) => {
      if (due >= 500) return { node: 'gw-2' }
      return due >= 480 ? { node: null, ended: due + 900, failure: 'timeout' } : {}
    })
    const [tls, ...others] = requestBins(ledgerOf(samples), ['tls'])
    expect(others).toEqual([])
    const bins = (of: (bin: number) => number) => Array.from({ length: 50 }, (_, bin) => of(bin))
    expect(tls).toEqual({
      kind: 'tls',
      binMs: 20,
      failed: bins((bin) => (bin === 24 ? 2 : 0)),
      answered: { 'gw-1': bins((bin) => (bin < 24 ? 2 : 0)), 'gw-2': bins((bin) => (bin > 24 ? 2 : 0)) },
    })
  })

  it('are each counted once, in their kind and time, but for those that were not sent', () => {
    const sample: fc.Arbitrary<Sample> = fc.record({
      kind: fc.constantFrom(...KINDS),
      due: fc.double({ min: 0, max: 999, noNaN: true }),
      ended: fc.constant(3000),
      node: fc.constantFrom('gw-1', 'gw-2', '__proto__', null),
      failure: fc.constantFrom(null, ...FAILURES),
    })
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        for (const { kind, failed, answered } of requestBins(ledgerOf(samples), KINDS)) {
          const lists = [failed, ...Object.values(answered)]
          expect(lists.every((list) => list.length === 1000 / BIN_MS)).toBe(true)
          const sums = Array.from({ length: 50 }, (_, bin) =>
            lists.reduce((sum, list) => sum + (list[bin] ?? 0), 0),
          )
          const sent = samples.filter((each) => each.kind === kind && each.failure !== 'unsent')
          for (const [bin, sum] of sums.entries())
            expect(sum).toBe(sent.filter(({ due }) => Math.floor(due / BIN_MS) === bin).length)
        }
      }),
    )
  })

  it('are none of a kind that was not asked', () => {
    expect(requestBins(ledgerOf(secondOf()), ['tcp'])).toMatchObject([{ kind: 'tcp', answered: {} }])
  })
})
