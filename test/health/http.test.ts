import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeHttp, releaseServed } from '../../src/health/phases/http.js'
import { hostSeen } from './observation.js'
import { anyWord, expectReadable, judgesItsCases } from './phase-cases.js'

const anyFailure = fc.record({
  failure: fc.constantFrom('forbidden', 'unreachable', 'late', 'tls', 'http'),
  why: anyWord.map((word) => `${word}!`),
})

const anyBody = fc.oneof(
  anyWord,
  fc.json(),
  fc
    .record({
      status: fc.oneof(fc.constant('healthy'), anyWord),
      release: fc.oneof(fc.constant('v1.2'), anyWord),
      node: fc.oneof(fc.constant('gw-1'), anyWord),
    })
    .map((health) => JSON.stringify(health)),
)

const anyWeb = fc.record({
  protocol: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
  chain: fc.constant([]),
  distrusted: fc.constant(null),
  status: fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 999 })),
  location: fc.option(anyWord),
  body: anyBody,
  ms: fc.double({ min: 0, max: 5000, noNaN: true }),
})

describe('the phase http', () => {
  judgesItsCases('http', judgeHttp)

  it('says something readable of whatever is answered, and passes nothing but a healthy answer in time', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFailure,
          anyWeb.map((answer) => ({ answer })),
        ),
        (own) => {
          const seen = { ...hostSeen(), own }
          const { verdict, findings } = judgeHttp(seen)
          findings.forEach(expectReadable)
          if (verdict !== 'pass') return
          expect(own).toMatchObject({ answer: { status: 200, protocol: 'TLSv1.3' } })
          expect('answer' in own && own.answer.ms <= 1000).toBe(true)
          expect(releaseServed(seen)).not.toBeNull()
        },
      ),
    )
  })

  it('knows the release that answers, and none where there is no healthy answer', () => {
    expect(releaseServed(hostSeen())).toBe('v1.2')
    expect(releaseServed(hostSeen({ own: { answer: { status: 302 } } }))).toBeNull()
    expect(releaseServed(hostSeen({ own: { answer: { body: 'v1.2' } } }))).toBeNull()
    expect(releaseServed(hostSeen({ own: { failure: 'late', why: 'late' } }))).toBeNull()
  })
})
