import { describe, expect, it } from 'vitest'
import { segmentsIn } from '../../bench/drill/pcap.js'
import { ACK, captureOf, recordOf, SYN } from './captured.js'

const AT = 1_795_327_655_423_028

const FIRST = {
  at: AT,
  from: [1, 51_736],
  to: [100, 443],
  flags: SYN | ACK,
  seq: 4_294_967_295,
  ack: 7,
  data: Buffer.from('hello'),
} as const

describe('segmentsIn', () => {
  it('reads who sent what to whom, and when', () => {
    expect([...segmentsIn(captureOf([FIRST]))]).toEqual([
      {
        at: 1_795_327_655_423.028,
        from: '198.18.0.1:51736',
        to: '198.18.0.100:443',
        seq: 4_294_967_295,
        ack: 7,
        isSyn: true,
        isAck: true,
        bytes: 5,
        data: Buffer.from('hello'),
      },
    ])
  })

  it('knows how many bytes there were where fewer were captured', () => {
    const data = Buffer.alloc(1000, 'x')
    const [segment] = [...segmentsIn(captureOf([{ ...FIRST, data, captured: 100 }]))]

    expect(segment).toMatchObject({ bytes: 1000, data: Buffer.alloc(34, 'x') })
  })

  it('takes what fills up a short frame for no data', () => {
    const empty = { ...FIRST, data: Buffer.alloc(0) }
    expect([...segmentsIn(captureOf([empty]))]).toMatchObject([{ bytes: 0, data: Buffer.alloc(0) }])
  })

  it('passes over frames of other protocols', () => {
    const arp = Buffer.alloc(60)
    arp.writeUInt16BE(0x0806, 12)
    const capture = Buffer.concat([captureOf([]), recordOf(AT, arp), captureOf([FIRST]).subarray(24)])

    expect([...segmentsIn(capture)]).toHaveLength(1)
  })

  it('ends where the capture was cut off', () => {
    const whole = captureOf([FIRST, FIRST])

    expect([...segmentsIn(whole.subarray(0, -1))]).toHaveLength(1)
    expect([...segmentsIn(whole.subarray(0, 24 + 10))]).toEqual([])
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('a text that is longer than a header of a capture')],
  ])('refuses %s', (_, content) => {
    expect(() => [...segmentsIn(content)]).toThrow('this is no capture')
  })
})
