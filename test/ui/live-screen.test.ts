import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fitted, liveScreen } from '../../src/ui/live-screen.js'
import { FakeTerminal } from '../fakes/terminal.js'

function screenOf(size: { columns?: number; rows?: number }, interactive = true): FakeTerminal {
  const terminal = new FakeTerminal({ interactive })
  Object.assign(terminal.err, size)
  return terminal
}

/** What is to be seen after all that was written: lines, of which some were erased and written over. */
function seen(written: string): string[] {
  const rows = ['']
  let row = 0
  for (const part of written.split(/(\u001b\[[0-9?]*[A-Za-z]|\n)/)) {
    if (part === '\n') rows[++row] ??= ''
    else if (part === '\u001b[1A') row--
    else if (part === '\u001b[2K') rows[row] = ''
    else if (!part.startsWith('\u001b')) rows[row] = (rows[row] ?? '') + part
  }
  return rows
}

describe('a live screen', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('shows each text in place of the one before', async () => {
    const terminal = screenOf({ columns: 80, rows: 24 })
    const screen = await liveScreen(terminal)
    screen.draw('one\ntwo\nthree')
    vi.advanceTimersByTime(100)
    screen.draw('four\nfive')
    expect(seen(terminal.errText)).toEqual(['four', 'five', '', ''])
    screen.clear()
    expect(terminal.outText).toBe('')
  })

  it('draws ten texts a second at most, and the last one always', async () => {
    const terminal = screenOf({ columns: 80, rows: 24 })
    const screen = await liveScreen(terminal)
    for (let n = 1; n <= 1000; n++) {
      screen.draw(`text ${n}`)
      vi.advanceTimersByTime(1)
    }
    vi.advanceTimersByTime(100)
    expect(terminal.errText.split('text').length - 1).toBeLessThanOrEqual(11)
    expect(seen(terminal.errText)).toEqual(['text 1000', ''])
    screen.clear()
  })

  it('takes away what it drew, and draws no more', async () => {
    const terminal = screenOf({ columns: 80, rows: 24 })
    const screen = await liveScreen(terminal)
    screen.draw('one\ntwo')
    screen.draw('waits for its turn')
    screen.clear()
    screen.draw('too late')
    screen.clear()
    vi.advanceTimersByTime(1000)
    expect(seen(terminal.errText).join('')).toBe('')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends without a drawing, too', async () => {
    const terminal = screenOf({ columns: 80, rows: 24 })
    ;(await liveScreen(terminal)).clear()
    expect(seen(terminal.errText)).toEqual([''])
  })

  it.each([
    ['no terminal', screenOf({}, false)],
    ['a terminal without columns', screenOf({ columns: 0, rows: 24 })],
    ['a terminal without rows', screenOf({ columns: 80, rows: 0 })],
  ])('draws nothing on %s', async (_title, terminal) => {
    const screen = await liveScreen(terminal)
    screen.draw('one')
    screen.clear()
    expect(terminal.errText).toBe('')
  })

  it.each([
    [60, 20],
    [12, 5],
    [1, 2],
    [200, 100],
  ])('overwrites itself on a terminal of %d columns and %d rows', async (columns, rows) => {
    const terminal = screenOf({ columns, rows })
    const screen = await liveScreen(terminal)
    const long = Array.from({ length: 40 }, (_, n) => `${n} ${'long '.repeat(30)}`).join('\n')
    screen.draw(long)
    vi.advanceTimersByTime(100)
    screen.draw(`${long}\nend`)
    const lines = seen(terminal.errText)
    expect(lines.length).toBeLessThanOrEqual(rows)
    expect(lines.filter((line) => line.length > columns)).toEqual([])
    expect(lines.at(-2)).toBe(columns === 1 ? '>' : 'end')
    screen.clear()
    expect(seen(terminal.errText).join('')).toBe('')
  })
})

describe('a text in a terminal', () => {
  const RED = ['\u001b[31m', '\u001b[39m'] as const

  it.each([
    ['a line that fits', 'abcd', { columns: 4 }, 'abcd'],
    ['a line that is too long', 'abcde', { columns: 4 }, 'abc>'],
    ['colours that end behind the cut', `a${RED.join('bcdef')}g`, { columns: 4 }, `a${RED[0]}bc>${RED[1]}`],
    ['wide characters', '表表表', { columns: 5 }, '表表>'],
    ['a wide character on the edge', '表表表', { columns: 4 }, '表>'],
    ['accents that stand by themselves', 'e\u0301e\u0301', { columns: 2 }, 'e\u0301e\u0301'],
    ['a tab', 'a\tbcd', { columns: 4 }, 'a b>'],
    ['rows that fit', '1\n2\n3', { rows: 4 }, '1\n2\n3'],
    ['rows without a place', '1\n2\n3\n4\n5', { rows: 4 }, '1\n3 more lines\n5'],
    ['hardly any rows', '1\n2\n3\n4\n5', { rows: 3 }, '4 more lines\n5'],
    ['a single row', '1\n2\n3', { rows: 1 }, '3'],
    ['no known size', `${'a'.repeat(81)}\n`, {}, `${'a'.repeat(79)}>\n`],
  ])('has %s', (_title, text, size, expected) => {
    expect(fitted(text, size)).toBe(expected)
  })

  it('never has more columns and rows than there are, and keeps its colours whole', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ maxLength: 30 }).map((each) => RED.join(each)),
      fc.constantFrom('\n', '表', '😀', 'e\u0301'),
    )
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 60 }),
      rows: fc.integer({ min: 2, max: 20 }),
    })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), size, (words, { columns, rows }) => {
        const lines = fitted(words.join(''), { columns, rows }).split('\n')
        expect(lines.length).toBeLessThanOrEqual(rows - 1)
        for (const line of lines) {
          const wide = line.match(/[表😀]/gu)?.length ?? 0
          const shown = stripVTControlCharacters(line).replaceAll('\u0301', '')
          expect(Array.from(shown).length + wide).toBeLessThanOrEqual(columns)
          expect(line.split(RED[0]).length).toBe(line.split(RED[1]).length)
        }
      }),
    )
  })
})
