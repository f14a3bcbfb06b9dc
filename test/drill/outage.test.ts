import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LATE_MS, outageOf, silenceOf } from '../../src/drill/outage.js'
import { FAILURES, type Sample } from '../../src/drill/sample.js'
import { summaryOf } from '../../src/drill/summary.js'
import { ledgerOf, secondOf } from './ledgers.js'

const between = (from: number, to: number, then: (due: number) => Partial<Sample>) => (due: number) =>
  due >= from && due < to ? then(due) : {}
const refused = (due: number): Partial<Sample> => ({ ended: due + 1, failure: 'refused', node: null })
const unsent = (due: number): Partial<Sample> => ({ ended: due + 200, failure: 'unsent', node: null })
const timeout = (due: number): Partial<Sample> => ({ ended: due + 500, failure: 'timeout', node: null })

describe('the outage of a load', () => {
  it('is none where all is answered, nothing was asked, or only other kinds were', () => {
    expect(outageOf(ledgerOf(secondOf()), 'tls')).toBeNull()
    expect(outageOf(ledgerOf([]), 'tls')).toBeNull()
    expect(outageOf(ledgerOf(secondOf(refused, 'tcp')), 'tls')).toBeNull()
  })

  it('goes from the last answer before to the first one after, not to when failures were told', () => {
    const outage = { fromMs: 292, toMs: 602, ms: 310, unknownMs: 0, isOver: true }
    expect(outageOf(ledgerOf(secondOf(between(300, 600, refused))), 'tls')).toEqual(outage)
    expect(outageOf(ledgerOf(secondOf(between(300, 600, timeout))), 'tls')).toEqual(outage)
  })

  it('is the longest of several', () => {
    const samples = secondOf((due) =>
      due < 50 || (due >= 300 && due < 400) || due >= 960 ? refused(due) : {},
    )
    expect(outageOf(ledgerOf(samples), 'tls')).toMatchObject({ fromMs: 292, toMs: 402 })
  })

  it('begins with the load where nothing was answered before, and lasts to its end where nothing was after', () => {
    const first = secondOf(between(0, 400, refused))
    expect(outageOf(ledgerOf(first), 'tls')).toMatchObject({ fromMs: 0, toMs: 402, isOver: true })
    const last = secondOf(between(400, 1000, timeout))
    expect(outageOf(ledgerOf(last), 'tls')).toMatchObject({ fromMs: 392, toMs: 1000, isOver: false })
    const all = secondOf(refused)
    expect(outageOf(ledgerOf(all), 'tls')).toMatchObject({ fromMs: 0, toMs: 1000, isOver: false })
  })

  it('is over where an answer came after the load had ended', () => {
    const samples = secondOf(between(900, 1000, () => ({ ended: 1300 })))
    expect(outageOf(ledgerOf(samples), 'tls')).toMatchObject({ fromMs: 892, toMs: 1300, isOver: true })
  })

  it('may have no failure: requests that were held back, and all answered at last', () => {
    const held = secondOf(between(300, 600, () => ({ ended: 601 })))
    expect(outageOf(ledgerOf(held), 'tls')).toMatchObject({ fromMs: 292, toMs: 601 })
  })

  it('is none where one request waits while others are answered, nor where all take long alike', () => {
    const one = secondOf(between(300, 310, () => ({ ended: 800 })))
    expect(outageOf(ledgerOf(one), 'tls')).toBeNull()
    const far = secondOf((due) => ({ ended: due + 10 * LATE_MS }))
    expect(outageOf(ledgerOf(far, { durationMs: 1500 }), 'tls')).toBeNull()
  })

  it('is none where the prober itself stood still; how long that was is told', () => {
    const late = secondOf(between(300, 600, unsent))
    const ledger = ledgerOf(late, { pauses: [{ from: 300, to: 600 }] })
    expect(outageOf(ledger, 'tls')).toBeNull()
    expect(summaryOf(ledger, 'tls')).toMatchObject({ sent: 70, failed: 0, unsent: 30, unknownMs: 300 })
  })

  it('is none where an answer lay there while the prober stood still', () => {
    const samples = secondOf(between(290, 600, (due) => (due === 290 ? { ended: 601 } : unsent(due))))
    expect(outageOf(ledgerOf(samples, { pauses: [{ from: 291, to: 600 }] }), 'tls')).toBeNull()
  })

  it('tells how much of it the prober could not see, and is the one of which it saw most', () => {
    const samples = secondOf((due) => {
      if (due >= 100 && due < 400) return due < 380 ? unsent(due) : refused(due)
      return due >= 600 && due < 650 ? refused(due) : {}
    })
    const ledger = ledgerOf(samples, { pauses: [{ from: 96, to: 380 }] })
    expect(outageOf(ledger, 'tls')).toMatchObject({ fromMs: 592, toMs: 652, unknownMs: 0 })
    const alone = ledgerOf(samples.slice(0, 60), ledger)
    expect(outageOf({ ...alone, samples: samples.slice(0, 60), durationMs: 600 }, 'tls')).toEqual({
      fromMs: 92,
      toMs: 402,
      ms: 310,
      unknownMs: 284,
      isOver: true,
    })
  })

  it('begins with the pause after which the last answer before it was read', () => {
    const samples = secondOf((due) => {
      if (due === 290) return { ended: 361 }
      return due < 300 || due >= 600 ? {} : due < 350 ? unsent(due) : refused(due)
    })
    const ledger = ledgerOf(samples, { pauses: [{ from: 294, to: 362 }] })
    const outage = { fromMs: 294, toMs: 602, ms: 308, unknownMs: 68, isOver: true }
    expect(outageOf(ledger, 'tls')).toEqual(outage)
    expect(silenceOf(ledger, 'tls')).toEqual(outage)
  })

  it('begins not before the last answer was asked for, nor with a pause in which none was read', () => {
    const soon = secondOf(between(310, 600, refused))
    expect(outageOf(ledgerOf(soon, { pauses: [{ from: 250, to: 303 }] }), 'tls')).toMatchObject({
      ...{ fromMs: 300, toMs: 602, unknownMs: 3 },
    })
    expect(outageOf(ledgerOf(soon, { pauses: [{ from: 250, to: 301 }] }), 'tls')).toMatchObject({
      fromMs: 302,
    })
  })

  it('does not count what this machine could not send, without any pause', () => {
    const ledger = ledgerOf(secondOf(between(300, 600, unsent)))
    expect(outageOf(ledger, 'tls')).toBeNull()
    expect(summaryOf(ledger, 'tls').unknownMs).toBe(300)
  })
})

describe('the longest time between two answers', () => {
  it('is there without an outage, too, and null where nothing was asked', () => {
    const held = secondOf(between(300, 330, () => ({ ended: 335 })))
    expect(outageOf(ledgerOf(held), 'tls')).toBeNull()
    expect(silenceOf(ledgerOf(held), 'tls')).toMatchObject({ fromMs: 292, toMs: 332, ms: 40 })
    expect(silenceOf(ledgerOf([]), 'tls')).toBeNull()
  })
})

describe('the outage of any load', () => {
  const anySample = fc.record({
    kind: fc.constantFrom('tls' as const, 'tcp' as const),
    due: fc.integer({ min: 0, max: 999 }),
    ended: fc.integer({ min: 1000, max: 2000 }),
    node: fc.constant(null),
    failure: fc.constantFrom(null, ...FAILURES),
  })
  const anyLedger = fc.array(anySample, { maxLength: 60 }).map((samples) => ledgerOf(samples))

  it('does not depend on the order of its requests', () => {
    fc.assert(
      fc.property(
        anyLedger.chain((ledger) =>
          fc.tuple(
            fc.constant(ledger),
            fc.shuffledSubarray([...ledger.samples], { minLength: ledger.samples.length }),
          ),
        ),
        ([ledger, samples]) => {
          expect(outageOf({ ...ledger, samples }, 'tls')).toEqual(outageOf(ledger, 'tls'))
        },
      ),
    )
  })

  it('has no answer within it', () => {
    fc.assert(
      fc.property(anyLedger, (ledger) => {
        const outage = outageOf(ledger, 'tls')
        const within = ledger.samples.filter(
          ({ kind, ended, failure }) =>
            outage !== null &&
            kind === 'tls' &&
            failure === null &&
            ended > outage.fromMs &&
            ended < outage.toMs,
        )
        expect(within).toEqual([])
      }),
    )
  })

  it('is as long as no server answered, and by two intervals and an answer longer at most', () => {
    const time = fc.double({ min: 0, max: 1000, noNaN: true })
    fc.assert(
      fc.property(
        time,
        time,
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        (one, other, latency, silent) => {
          const [from, to] = one < other ? [one, other] : [other, one]
          // A request that is under way when the server goes is lost as well.
          const samples = secondOf((due) =>
            due + latency < from || due >= to
              ? { ended: due + latency }
              : silent
                ? timeout(due)
                : refused(due),
          )
          const outage = outageOf(ledgerOf(samples, { durationMs: 1000 }), 'tls')
          const lost = samples.filter(({ failure }) => failure !== null)
          if (lost.length === 0) expect(outage).toBeNull()
          else {
            const last = Math.min(to, 1000)
            expect(outage?.ms).toBeGreaterThanOrEqual(last - from - 1e-9)
            expect(outage?.ms).toBeLessThanOrEqual(to - from + 20 + latency)
          }
        },
      ),
    )
  })
})
