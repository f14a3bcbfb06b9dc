import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { colourDiff, unifiedDiff } from '../../src/ui/diff.js'
import { FakeTerminal } from '../fakes/terminal.js'

const path = '/etc/nginx/nginx.conf'

describe('a unified diff', () => {
  it('names the file on both sides and shows three lines around a change', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    const diff = unifiedDiff({ path, before, after: before.replace('e', 'E') })
    expect(diff).toBe(`--- ${path}\n+++ ${path}\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h`)
  })

  it('takes a new file from /dev/null, and one that goes to it', () => {
    expect(unifiedDiff({ path, before: null, after: 'x\n' })).toBe(
      `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,1 @@\n+x`,
    )
    expect(unifiedDiff({ path, before: 'x\n', after: null })).toBe(
      `--- ${path}\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x`,
    )
  })

  it('shows an empty file that comes or goes by its headers', () => {
    expect(unifiedDiff({ path, before: null, after: '' })).toBe(`--- /dev/null\n+++ ${path}`)
  })

  it('shows a line end that is missing at the end of the file', () => {
    expect(unifiedDiff({ path, before: 'x', after: 'x\n' })).toContain('-x\n\\ No newline at end of file\n+x')
  })

  it('lets nothing of a host’s file act on the terminal', () => {
    const before = 'a\u001b[2J\u001b]0;owned\u0007b\rc\u202e\0\n'
    expect(unifiedDiff({ path, before, after: 'x\n' })).toContain('-ab\\x0dc\\u202e\\x00\n+x')
  })

  it('lets no text of a host’s file act on the terminal', () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom('\n', '\u001b[', '\u009b', '\r', '\u2028'), fc.string()))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(unifiedDiff({ path, before, after })).not.toMatch(/(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it('shows what has come and gone in colours, headers and places apart', () => {
    const { paintOut } = new FakeTerminal({ colours: true })
    const diff = unifiedDiff({ path: '/f', before: 'a\nb\n', after: 'a\nc\n' })
    expect(colourDiff(diff, paintOut).split('\n')).toEqual([
      '<bold>--- /f</>',
      '<bold>+++ /f</>',
      '<cyan>@@ -1,2 +1,2 @@</>',
      ' a',
      '<red>-b</>',
      '<green>+c</>',
    ])
  })

  it('takes only the first two lines for headers', () => {
    const { paintOut } = new FakeTerminal({ colours: true })
    const diff = unifiedDiff({ path: '/f', before: '-- x\n', after: '++ y\n' })
    expect(colourDiff(diff, paintOut).split('\n').slice(3)).toEqual(['<red>--- x</>', '<green>+++ y</>'])
  })
})
