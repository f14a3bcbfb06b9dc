import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scaleOf, ticksOf } from '../../../src/drill/page/scale.js'

const time = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const length = fc.double({ min: 0, max: 1e6, noNaN: true })

describe('a scale', () => {
  it('keeps the order of times and stays within its edges', () => {
    fc.assert(
      fc.property(time, length, time, time, (from, long, one, other) => {
        const { x } = scaleOf({ from, to: from + long }, 100, 900)
        expect(x(Math.min(one, other))).toBeLessThanOrEqual(x(Math.max(one, other)))
        expect(x(one)).toBeGreaterThanOrEqual(100)
        expect(x(one)).toBeLessThanOrEqual(900)
      }),
    )
  })
})

describe('the times at an axis', () => {
  it.each([
    [{ from: 0, to: 10_000 }, 2000, [0, 1, 2, 3, 4, 5].map((step) => step * 2000)],
    [{ from: 1950, to: 2250 }, 2000, [1950, 2000, 2050, 2100, 2150, 2200, 2250]],
    [{ from: 5, to: 5 }, 0, []],
    [{ from: 0, to: Number.MIN_VALUE }, 0, []],
  ])('of %j counted from %d', (span, zero, ticks) => {
    expect(ticksOf(span, zero, 9)).toEqual(ticks)
  })

  it('are few, within the span, and count from their zero in steps of one size', () => {
    fc.assert(
      fc.property(time, fc.double({ min: 1.5, max: 1e6, noNaN: true }), time, (from, long, zero) => {
        const span = { from, to: from + long }
        const ticks = ticksOf(span, zero, 9)
        expect(ticks.length).toBeGreaterThan(1)
        expect(ticks.length).toBeLessThanOrEqual(10)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(from - 1e-6)
          expect(tick).toBeLessThanOrEqual(span.to + 1e-6)
        }
      }),
    )
  })
})
