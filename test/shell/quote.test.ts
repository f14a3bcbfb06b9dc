import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quote } from '../../src/shell/quote.js'
import { sh } from '../../src/shell/script.js'

describe('quote', () => {
  it('leaves plain words as they are', () => {
    expect(quote('/etc/nginx/nginx.conf')).toBe('/etc/nginx/nginx.conf')
  })

  it('carries any words through a POSIX shell unchanged', () => {
    // A UTF-16 half has no bytes of its own, so only whole characters can come back.
    const words = fc.array(
      fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(words, (values) => {
        const printed = execFileSync('/bin/sh', ['-c', sh`printf '%s\0' ${values}`.text]).toString()
        expect(printed.split('\0').slice(0, -1)).toEqual(values)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a NUL, which no shell can carry', () => {
    expect(() => quote('a\0b')).toThrow(expect.objectContaining({ code: 'VALUE_REFUSED' }))
  })
})

describe('sh', () => {
  it('quotes strings and arrays, and lets scripts stand as they are', () => {
    const inner = sh`echo ${'$(id)'}`
    expect(sh`if true; then ${inner}; rm -- ${['a b', 'c']}; fi`.text).toBe(
      `if true; then echo '$(id)'; rm -- 'a b' c; fi`,
    )
  })

  it('removes the indentation that its lines share', () => {
    const script = sh`
      if [ -e ${'/x'} ]; then
        echo yes
      fi
    `
    expect(script.text).toBe('if [ -e /x ]; then\n  echo yes\nfi')
  })
})
