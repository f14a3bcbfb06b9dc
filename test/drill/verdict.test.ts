import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRILL_VERDICTS, type DrillVerdict, type Holding } from '../../src/drill/report.js'
import { verdictOf, worstOf, type Evidence } from '../../src/drill/verdict.js'

interface Case {
  readonly evidence: Evidence
  readonly verdict: DrillVerdict
  readonly reasons: readonly string[]
}

const FOLDER = new URL('../cases/drill-verdicts/', import.meta.url)

const CASES = readdirSync(FOLDER).map((name) => [name.replace(/\.json$/, ''), readCase(name)] as const)

function readCase(name: string): Case {
  return JSON.parse(readFileSync(new URL(encodeURIComponent(name), FOLDER), 'utf8')) as Case
}

const time = fc.integer({ min: 0, max: 5000 })
const host = fc.constantFrom('gw-1', 'gw-2', 'gw-3')
const reason = fc.string({ minLength: 1 })

const holding = fc
  .record({ host, from: time, lasts: fc.option(fc.integer({ min: 1, max: 3000 })) })
  .map(({ host: name, from, lasts }): Holding => ({
    host: name,
    from,
    to: lasts === null ? null : from + lasts,
  }))

const evidence: fc.Arbitrary<Evidence> = fc.record({
  expects: fc.constantFrom('moves', 'stays', 'splits'),
  hosts: fc.uniqueArray(host),
  holderBefore: fc.option(host),
  clocks: fc.constant([]),
  durationMs: fc.constant(10_000),
  disturbedAt: fc.option(time),
  undoneAt: fc.option(time),
  outageMs: fc.option(time),
  holders: fc.array(holding),
  maxOutageMs: fc.integer({ min: 20, max: 5000 }),
  unseenMs: fc.integer({ min: 0, max: 5000 }),
  aborted: fc.option(reason),
  unsteady: fc.array(reason),
})

describe('the verdict of a scenario', () => {
  it.each(CASES)('%s', (_title, { evidence: seen, verdict, reasons }) => {
    expect(verdictOf(seen)).toEqual({ verdict, reasons })
  })

  it('has a reason for whatever is no pass, each told once, and none for a pass', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const { verdict, reasons } = verdictOf(seen)
        expect(reasons.length === 0).toBe(verdict === 'pass')
        expect(new Set(reasons).size).toBe(reasons.length)
      }),
    )
  })

  it('is never a pass where nothing was measured', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        expect(verdictOf({ ...seen, outageMs: null }).verdict).not.toBe('pass')
      }),
    )
  })

  it('is that of an abort, with its reason first, whatever else was seen', () => {
    fc.assert(
      fc.property(evidence, reason, (seen, aborted) => {
        const { verdict, reasons } = verdictOf({ ...seen, aborted })
        expect([verdict, reasons[0]]).toEqual(['aborted', aborted])
      }),
    )
  })

  it('does not get better when it was not steady again, or the outage was longer', () => {
    fc.assert(
      fc.property(evidence, reason, fc.integer({ min: 1, max: 5000 }), (seen, unsteady, longer) => {
        const { verdict } = verdictOf(seen)
        const worse = [
          { ...seen, unsteady: [...seen.unsteady, unsteady] },
          ...(seen.outageMs === null ? [] : [{ ...seen, outageMs: seen.outageMs + longer }]),
        ]
        for (const other of worse) {
          const now = verdictOf(other).verdict
          expect(worstOf([verdict, now])).toBe(now)
        }
      }),
    )
  })
})

describe('the verdict of a drill', () => {
  it('is that of its worst scenario, in any order, and nothing is known of one without any', () => {
    const verdict = fc.constantFrom(...DRILL_VERDICTS)
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1 }), verdict, (some, other) => {
        const worst = worstOf(some)
        expect(some).toContain(worst)
        expect(worstOf(some.toReversed())).toBe(worst)
        expect(worstOf([worst, other])).toBe(worstOf([...some, other]))
      }),
    )
    expect(worstOf([])).toBe('inconclusive')
  })

  it.each([
    [['pass', 'pass'], 'pass'],
    [['pass', 'inconclusive'], 'inconclusive'],
    [['inconclusive', 'deviated', 'pass'], 'deviated'],
    [['deviated', 'aborted'], 'aborted'],
  ] as const)('of %j is %s', (verdicts, worst) => {
    expect(worstOf(verdicts)).toBe(worst)
  })
})
