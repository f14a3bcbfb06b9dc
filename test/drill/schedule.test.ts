import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS } from '../../src/drill/sample.js'
import { Schedule } from '../../src/drill/schedule.js'

const anyRate = fc.integer({ min: 1, max: 200 })
const anyRates = fc.record(
  { tcp: anyRate, tls: anyRate, keepalive: anyRate, http2: anyRate },
  { requiredKeys: ['tls'] },
)
const anySteps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 20 })

describe('a schedule', () => {
  it('does not let different kinds be due together', () => {
    const due = new Schedule({ tcp: 100, tls: 50, keepalive: 50, http2: 50 }).until(39)
    expect(due.map((request) => `${request.due} ${request.kind}`)).toEqual([
      ...['0 tcp', '2.5 tls', '5 keepalive', '7.5 http2', '10 tcp', '20 tcp', '22.5 tls', '25 keepalive'],
      ...['27.5 http2', '30 tcp'],
    ])
  })

  it('has each request due once, in order, as many as the rates say, however rarely it is asked', () => {
    fc.assert(
      fc.property(anyRates, anySteps, (rates, steps) => {
        const schedule = new Schedule(rates)
        let now = 0
        const due = steps.flatMap((step) => {
          now += step
          const next = schedule.next
          const requests = schedule.until(now)
          expect(requests[0]?.due ?? Infinity).toBe(next <= now ? next : Infinity)
          return requests
        })
        expect(due.map((request) => request.due)).toEqual(
          due.map((request) => request.due).toSorted((one, other) => one - other),
        )
        for (const kind of KINDS) {
          const interval = 1000 / (rates[kind] ?? 0)
          const times = due.filter((request) => request.kind === kind).map((request) => request.due)
          const wanted = rates[kind] === undefined ? 0 : (now - (times[0] ?? now)) / interval
          expect(Math.abs(times.length - wanted)).toBeLessThanOrEqual(1 + 1e-6)
          for (const [index, time] of times.entries())
            expect(time).toBeCloseTo((times[0] ?? 0) + index * interval, 6)
        }
      }),
    )
  })
})
