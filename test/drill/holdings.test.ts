import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdingsOf } from '../../src/drill/holdings.js'

function address(at: number, host: string, holds: boolean) {
  return { at, host, kind: 'address', holds }
}

describe('who had the virtual IP when', () => {
  it('is whoever had it, until another has', () => {
    const events = [address(100, 'gw-1', false), address(103, 'gw-2', true)]
    expect(holdingsOf(['gw-1'], events)).toEqual([
      { host: 'gw-1', from: 0, to: 100 },
      { host: 'gw-2', from: 103, to: null },
    ])
    expect(holdingsOf(['gw-1'], [])).toEqual([{ host: 'gw-1', from: 0, to: null }])
    expect(holdingsOf([], [])).toEqual([])
  })

  it('may be two at once, and one again and again', () => {
    const events = [
      address(10, 'gw-2', true),
      address(50, 'gw-1', false),
      address(60, 'gw-1', true),
      address(60, 'gw-2', false),
    ]
    expect(holdingsOf(['gw-1'], events)).toEqual([
      { host: 'gw-1', from: 0, to: 50 },
      { host: 'gw-2', from: 10, to: 60 },
      { host: 'gw-1', from: 60, to: null },
    ])
  })

  it('takes nothing from what is told twice, or of something else', () => {
    const events = [
      address(10, 'gw-1', true),
      { at: 15, host: 'gw-1', kind: 'vrrp' },
      address(20, 'gw-2', false),
      address(30, 'gw-1', false),
      address(40, 'gw-1', false),
    ]
    expect(holdingsOf(['gw-1'], events)).toEqual([{ host: 'gw-1', from: 0, to: 30 }])
  })

  it('never has a host twice at once, and ends as the last word on each host says', () => {
    const host = fc.constantFrom('gw-1', 'gw-2', 'gw-3')
    const events = fc
      .array(fc.tuple(fc.nat(1000), host, fc.boolean()))
      .map((all) => all.toSorted(([one], [other]) => one - other).map((each) => address(...each)))
    fc.assert(
      fc.property(events, (told) => {
        const holdings = holdingsOf(['gw-1'], told)
        for (const name of ['gw-1', 'gw-2', 'gw-3']) {
          const own = holdings.filter((holding) => holding.host === name)
          own.slice(1).forEach(({ from }, index) => {
            expect(own[index]?.to).toBeLessThanOrEqual(from)
          })
          const last = told.findLast((event) => event.host === name)?.holds ?? name === 'gw-1'
          expect(own.some(({ to }) => to === null)).toBe(last)
        }
      }),
    )
  })
})
