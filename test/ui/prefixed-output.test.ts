import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PrefixedOutput } from '../../src/ui/prefixed-output.js'
import { FakeTerminal } from '../fakes/terminal.js'

type Stream = 'stdout' | 'stderr'
type Chunk = readonly [host: string, stream: Stream, bytes: Uint8Array]

function shown(chunks: Iterable<Chunk>, hosts: readonly string[] = ['gw-1']): FakeTerminal {
  const terminal = new FakeTerminal()
  const output = new PrefixedOutput(terminal, hosts)
  for (const [host, stream, bytes] of chunks) output.push(host, stream, bytes)
  output.end()
  return terminal
}

function outOf(...texts: readonly (string | Uint8Array)[]): string {
  const chunks = texts.map((text): Chunk => ['gw-1', 'stdout', Buffer.from(text)])
  return shown(chunks).outText
}

/** Bytes as hosts print them: lines, carriage returns, escapes, characters of several bytes, what is no text at all. */
const printed = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'a',
        '\n',
        '\r\n',
        '\r',
        '\t',
        'ä',
        '€',
        '🦊',
        '\u001b[31m',
        '\u001b]0;title\u0007',
        '\u202e',
        '\0',
      ),
      fc.integer({ min: 1, max: 3 }).map((times) => 'x'.repeat(times * 4096)),
      fc.integer({ min: 1, max: 3 }).map((times) => '€'.repeat(times * 1366)),
      fc.uint8Array({ maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece))))

/** The same bytes in pieces, cut anywhere. */
const cut = fc.tuple(printed, fc.array(fc.nat(40_000), { maxLength: 20 })).map(([bytes, places]) => {
  const ends = [...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length]
  return { bytes, pieces: ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)) }
})

describe('output of hosts', () => {
  it('shows the same lines however the bytes arrive', () => {
    fc.assert(
      fc.property(cut, ({ bytes, pieces }) => {
        expect(outOf(...pieces)).toBe(outOf(bytes))
      }),
    )
  })

  it('keeps hosts and streams apart, however their pieces mix', () => {
    const names = ['gw-1', 'customer-1'] as const
    const piece = fc.tuple(fc.constantFrom(...names), fc.constantFrom<Stream>('stdout', 'stderr'), printed)
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const together = shown(pieces, names)
        const linesOf = (text: string, host: string): string =>
          text
            .split('\n')
            .filter((line) => line.startsWith(host.padEnd(12)))
            .join('\n')
        for (const host of names) {
          const alone = shown(
            pieces.filter(([name]) => name === host),
            names,
          )
          expect(linesOf(together.outText, host)).toBe(linesOf(alone.outText, host))
          expect(linesOf(together.errText, host)).toBe(linesOf(alone.errText, host))
        }
      }),
    )
  })

  it('puts the host’s name before every line and lets no control character through', () => {
    fc.assert(
      fc.property(printed, (bytes) => {
        const lines = outOf(bytes).split('\n')
        expect(lines.pop()).toBe('')
        for (const line of lines) {
          expect(line).toMatch(/^gw-1 {2}/)
          expect(line).not.toMatch(/(?!\t)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
        }
      }),
    )
  })

  it('shows a line that never ends in parts of at most 8 KiB, and each character whole', () => {
    const text = '€'.repeat(6000)
    const lines = outOf(text).trimEnd().split('\n')
    const parts = lines.map((line) => line.slice('gw-1  '.length))
    expect(parts.join('')).toBe(text)
    expect(parts.map((part) => Buffer.byteLength(part))).toEqual([8190, 8190, 1620])
  })

  it('shows a line of exactly 8 KiB whole', () => {
    expect(outOf(`${'x'.repeat(8192)}\ny\n`)).toBe(`gw-1  ${'x'.repeat(8192)}\ngw-1  y\n`)
  })

  it('shows a long line before it ends', () => {
    const terminal = new FakeTerminal()
    new PrefixedOutput(terminal, ['gw-1']).push('gw-1', 'stdout', Buffer.from('x'.repeat(9000)))
    expect(terminal.outText).toBe(`gw-1  ${'x'.repeat(8192)}\n`)
  })

  it('takes a carriage return before a line end as part of it', () => {
    expect(outOf('a\r\nb\r', '\n')).toBe('gw-1  a\ngw-1  b\n')
  })

  it('shows empty lines, and what stands after the last line end', () => {
    expect(outOf('a\n\nb')).toBe('gw-1  a\ngw-1  \ngw-1  b\n')
    expect(outOf('')).toBe('')
  })

  it('lines hosts up and keeps stderr on stderr', () => {
    const chunks: Chunk[] = [
      ['gw-1', 'stdout', Buffer.from('out\n')],
      ['customer-1', 'stderr', Buffer.from('err')],
    ]
    const terminal = shown(chunks, ['gw-1', 'customer-1'])
    expect(terminal.outText).toBe('gw-1        out\n')
    expect(terminal.errText).toBe('customer-1  err\n')
  })

  it('colours the name only', () => {
    const terminal = new FakeTerminal({ colours: true })
    new PrefixedOutput(terminal, ['gw-1']).push('gw-1', 'stdout', Buffer.from('text\n'))
    expect(terminal.outText).toBe('<cyan>gw-1</>  text\n')
  })
})
