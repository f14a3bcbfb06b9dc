import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameReader } from '../../src/shell/frames.js'

const TOKEN = '0123456789abcdef0123456789abcdef'

/** What a reader makes of a stream that arrives in these pieces. */
function read(pieces: readonly Uint8Array[]): { text: string; frames: string[] }[] {
  const sections: { text: string; frames: string[] }[] = [{ text: '', frames: [] }]
  const reader = new FrameReader(TOKEN, {
    onText: (bytes) => {
      const last = sections.at(-1)
      if (last !== undefined) last.text += bytes.toString('latin1')
    },
    onFrame: (words) => sections.push({ text: '', frames: [...words] }),
  })
  for (const piece of pieces) reader.push(piece)
  reader.end()
  return sections
}

function cut(stream: Buffer, at: readonly number[]): Buffer[] {
  const points = [...new Set(at.map((point) => point % (stream.length + 1)))].sort((a, b) => a - b)
  return [0, ...points].map((start, index) => stream.subarray(start, points[index] ?? stream.length))
}

describe('FrameReader', () => {
  it('reads the same frames and texts however the stream is cut', () => {
    const text = fc.string({ maxLength: 40 }).map((value) => Buffer.from(value, 'latin1').toString('latin1'))
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat()), (texts, cuts) => {
        const stream = Buffer.from(
          texts.map((value, index) => `${value}${TOKEN} end ${index}\n`).join(''),
          'latin1',
        )
        const whole = read([stream])
        expect(read(cut(stream, cuts))).toEqual(whole)
        expect(whole.slice(0, -1).map((section) => section.text)).toEqual(texts)
        expect(whole.slice(1).map((section) => section.frames)).toEqual(
          texts.map((_value, index) => ['end', String(index)]),
        )
      }),
    )
  })

  it('takes a line with another token for text', () => {
    const forged = `\n${'f'.repeat(32)} end 0\n`
    expect(read([Buffer.from(forged)])).toEqual([{ text: forged, frames: [] }])
  })

  it('gives out text as soon as it is there, the end of a line included', () => {
    const texts: string[] = []
    const reader = new FrameReader(TOKEN, {
      onText: (bytes) => texts.push(bytes.toString()),
      onFrame: () => undefined,
    })
    reader.push(Buffer.from('one\n'))
    expect(texts).toEqual(['one\n'])
  })
})
