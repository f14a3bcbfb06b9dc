import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanText } from '../../src/shell/clean.js'
import { StreamCleaner } from '../../src/shell/stream-cleaner.js'
import { anyCharacter } from '../any-character.js'

/** The text of a stream that arrives in pieces of these lengths, then of the rest. */
function cleaned(bytes: Uint8Array, lengths: readonly number[]): string {
  const cleaner = new StreamCleaner()
  let at = 0
  const texts = lengths.map((length) => cleaner.push(bytes.subarray(at, (at += length))))
  return [...texts, cleaner.push(bytes.subarray(at)), cleaner.end()].join('')
}

const lengths = fc.array(fc.nat(40), { maxLength: 40 })

describe('a stream that is cleaned as it comes', () => {
  test('gives the same text as when it is cleaned whole, however it is cut', () => {
    const line = fc.oneof(fc.string({ unit: anyCharacter }), fc.constant('\u001b[31mred\u001b]0;title\u0007'))
    fc.assert(
      fc.property(fc.array(line), lengths, (lines, pieces) => {
        const text = lines.join('\n')
        expect(cleaned(Buffer.from(text), pieces)).toBe(cleanText(text))
      }),
    )
  })

  test('gives the same text for bytes that are no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), lengths, (bytes, pieces) => {
        expect(cleaned(bytes, pieces)).toBe(cleanText(Buffer.from(bytes).toString()))
      }),
    )
  })

  test('keeps the characters of a line whole that is too long to wait for', () => {
    const text = `x${'€'.repeat(30_000)}😀`
    for (const size of [8191, 8192, 8193, 8194, 8195]) {
      expect(cleaned(Buffer.from(text), Array<number>(8).fill(size))).toBe(text)
    }
  })

  test('gives a line that does not end before it ends', () => {
    const cleaner = new StreamCleaner()
    expect(cleaner.push(Buffer.from('short'))).toBe('')
    expect(cleaner.push(Buffer.from('x'.repeat(8192)))).toBe(`short${'x'.repeat(8192)}`)
    expect(cleaner.end()).toBe('')
  })
})
