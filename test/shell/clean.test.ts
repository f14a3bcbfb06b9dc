import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText } from '../../src/shell/clean.js'
import { anyCharacter } from '../any-character.js'

/** What no cleaned text may have: controls but line feed and tab, format characters but the two joiners, separators. */
const FORBIDDEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u

const hostile = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc
    .array(
      fc.constantFrom(
        '\u001b',
        '[',
        ']',
        '0;',
        'x',
        '\u0007',
        '\u009b',
        '\u009d',
        '31m',
        '\\',
        '\n',
        '\r',
        '\u202e',
        'P',
        '\u009c',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('cleaned text', () => {
  it.each([
    ['plain text stays', 'naïve 網 🙂 "x" \\ end', 'naïve 網 🙂 "x" \\ end'],
    ['lines and tabs stay', 'a\n\tb\n', 'a\n\tb\n'],
    ['colours go', '\u001b[1;31mred\u001b[0m', 'red'],
    ['cursor moves go', 'a\u001b[2J\u001b[10;10Hb', 'ab'],
    ['titles go', '\u001b]0;owned\u0007ok', 'ok'],
    ['clipboard writes go', '\u001b]52;c;ZWNobyBoaQ==\u001b\\ok', 'ok'],
    ['eight-bit sequences go', '\u009b31mred\u009d0;t\u009c', 'red'],
    ['a lone escape is shown', 'a\u001bb', 'a\\x1bb'],
    ['an unfinished sequence hides nothing', '\u001b]0;never ended\nnext', '\\x1b]0;never ended\nnext'],
    ['a sequence made by removing another is shown', '\u001b\u001b[0m[31m', '\\x1b[31m'],
    ['a bell and a backspace are shown', '\u0007\b', '\\x07\\x08'],
    ['a carriage return can not overwrite', 'ok\rowned', 'ok\\x0downed'],
    ['line ends of another system are line ends', 'a\r\nb', 'a\nb'],
    ['text can not be turned around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['hidden tags are shown', 'a\u{e0041}', 'a\\u{e0041}'],
    ['NUL is shown', 'a\0b', 'a\\x00b'],
    ['half a character is replaced', 'a\ud800b', 'a\ufffdb'],
  ])('%s', (_title, text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned)
  })

  it('has no character that a terminal acts upon, whatever comes in', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(cleanText(text)).not.toMatch(FORBIDDEN)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(cleanText(bytes)).not.toMatch(FORBIDDEN)
      }),
    )
  })

  it('is not changed by cleaning it again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text))
      }),
    )
  })

  it('keeps all that is harmless', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~\n\t]*$/), (text) => {
        expect(cleanText(text)).toBe(text)
      }),
    )
  })
})

describe('a megabyte of one hostile character', () => {
  // At a cost that grows with the square of the length, each of these would take hours.
  it.each(['\u0090', '\u0098', '\u009b', '\u009d', '\r', '\u001b[', '\u001b]', '\u001b[0', '\u202e'])(
    '%j is cleaned',
    (text) => {
      expect(cleanText(text.repeat(1_000_000 / text.length))).not.toContain('\u001b')
    },
  )
})
