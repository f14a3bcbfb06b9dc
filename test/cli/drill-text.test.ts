import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drillText } from '../../src/cli/drill-text.js'
import { cleanText } from '../../src/shell/clean.js'
import { DRILL_CASES } from '../drill/drill-cases.js'
import { hostileDrill } from '../drill/hostile-drill.js'

const plain = (_style: unknown, text: string): string => text

describe('what the terminal shows of a drill', () => {
  it.each(DRILL_CASES)('$title', ({ report, earlier, text }) => {
    expect(drillText(report, earlier, plain).split('\n')).toEqual(text)
  })

  it('draws timelines no wider than the terminal is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DRILL_CASES), fc.integer({ min: 40, max: 250 }), (own, columns) => {
        const drawn = drillText(own.report, own.earlier, plain, columns)
          .split('\n')
          .filter((line) => line.endsWith('|'))
        for (const line of drawn) expect(line.length).toBeLessThanOrEqual(Math.min(100, columns))
      }),
    )
  })

  it('reaches the terminal with nothing but text, whatever is in it, and always has figures', () => {
    fc.assert(
      fc.property(hostileDrill, (report) => {
        const text = drillText(report, [report], plain)
        expect(text).toBe(cleanText(text))
        expect(text).not.toMatch(/NaN|Infinity|undefined/)
      }),
    )
  })
})
