import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HostObservation } from '../../src/health/observation.js'
import type { Finding, Judgement, PhaseName } from '../../src/model/health.js'
import { anyCharacter } from '../any-character.js'
import { ROOT } from '../root.js'
import type { Changes } from './changes.js'
import { hostSeen } from './observation.js'

interface Case {
  readonly title: string
  /** What differs from a gateway that is well. */
  readonly seen: Changes<HostObservation>
  readonly judgement: Judgement
}

function casesOf(phase: PhaseName): Case[] {
  const folder = join(ROOT, 'test/cases/health', phase)
  return readdirSync(folder).map((file) => {
    const read = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Case, 'title'>
    return { title: basename(file, '.json'), ...read }
  })
}

/** Judges every case of a phase, and that a gateway that is well passes. */
export function judgesItsCases(phase: PhaseName, judge: (seen: HostObservation) => Judgement): void {
  it('passes a gateway that is well', () => {
    expect(judge(hostSeen())).toEqual({ verdict: 'pass', findings: [] })
    expect(judge(hostSeen({}, 'gw-2'))).toEqual({ verdict: 'pass', findings: [] })
  })

  describe('judges', () => {
    it.each(casesOf(phase))('$title', ({ seen, judgement }) => {
      const found = judge(hostSeen(seen))
      expect(found).toEqual(judgement)
      found.findings.forEach(expectReadable)
    })
  })
}

/** Findings are sentences of one line without their full stop, safe to show. */
export function expectReadable({ message, help }: Finding): void {
  expect(`${message}${help}`).not.toMatch(/(?![\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(message).toMatch(/[^\s.]$/u)
  expect(message.length).toBeLessThan(500)
}

const HOSTILE = [
  '',
  '\u001b[2J',
  'a\nb',
  '\u202eevil',
  '\ud800',
  'x'.repeat(5000),
  '$(reboot)',
  '[emerg] ',
  '::1',
  '%',
]

/** Anything that a host may have put into a word. */
export const anyWord: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
)

export const anySeconds: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 0.5, 59, 3600, 7199, 7201),
  fc.double({ min: 0, max: 1e9, noNaN: true }),
)
