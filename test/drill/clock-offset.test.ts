import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClockBounds, toldTime } from '../../src/drill/clock-offset.js'

describe('a time that a host tells', () => {
  it('is what date prints', () => {
    expect(toldTime('1795327223.911439')).toBeCloseTo(1795327223911.439, 2)
    expect(toldTime('1795327223.911439000')).toBeCloseTo(1795327223911.439, 2)
    expect(toldTime('99999999999.999999')).toBeLessThanOrEqual(1e14)
  })

  it.each(['', 'soon', '17', '1.5', '-1.000000', '1e9.000000', '100000000000.000000', '1.000000\n'])(
    'is none else: %j',
    (text) => {
      expect(toldTime(text)).toBeNull()
    },
  )
})

describe("the offset of a host's clock", () => {
  it('is not known before anybody has asked for it', () => {
    const bounds = new ClockBounds()
    expect(bounds.offset).toBeNull()
    bounds.note({ told: 1000, heard: 900 })
    expect(bounds.offset).toBeNull()
    bounds.note({ asked: 880, told: 1000, heard: 900 })
    expect(bounds.offset).toEqual({ offsetMs: 110, errorMs: 10 })
  })

  it('is the more exact the less its words are delayed, in either direction', () => {
    const bounds = new ClockBounds()
    bounds.note({ asked: 0, told: 5040, heard: 100 })
    expect(bounds.offset).toEqual({ offsetMs: 4990, errorMs: 50 })
    bounds.note({ told: 6001, heard: 1003 })
    expect(bounds.offset).toEqual({ offsetMs: 5019, errorMs: 21 })
    bounds.note({ asked: 2000, told: 7004, heard: 2060 })
    expect(bounds.offset).toEqual({ offsetMs: 5001, errorMs: 3 })
  })

  it('lies within the error of the real one, whatever the delays', () => {
    const delay = fc.integer({ min: 0, max: 5000 })
    const words = fc.array(fc.record({ at: fc.integer({ max: 1_000_000 }), there: delay, back: delay }), {
      minLength: 1,
    })
    fc.assert(
      fc.property(fc.integer(), words, (real, told) => {
        const bounds = new ClockBounds()
        for (const { at, there, back } of told)
          bounds.note({ asked: at, told: at + there + real, heard: at + there + back })
        const { offsetMs, errorMs } = bounds.offset ?? { offsetMs: NaN, errorMs: NaN }
        expect(Math.abs(offsetMs - real)).toBeLessThanOrEqual(errorMs)
      }),
    )
  })

  it('is as uncertain as a clock that was set meanwhile', () => {
    const bounds = new ClockBounds()
    bounds.note({ asked: 0, told: 2, heard: 4 })
    bounds.note({ asked: 1000, told: 2002, heard: 1004 })
    expect(bounds.offset).toEqual({ offsetMs: 500, errorMs: 498 })
  })
})
