import { describe, expect, it } from 'vitest'
import { segmentsIn } from '../../bench/drill/pcap.js'
import { answersIn, longestGap, type WireAnswers } from '../../bench/drill/wire.js'
import { ACK, captureOf, SYN, type Sent } from './captured.js'

const SERVER = [100, 443] as const
const ISN = 4_294_967_295
const HELLO = Buffer.alloc(483)
const HELLO_HTTP2 = Buffer.concat([Buffer.alloc(90), Buffer.from('0010000500030268320000', 'hex')])
const ANSWER = 603

/** A connection of a client's port, from its segments in their order, each with its time in milliseconds. */
class Talk {
  readonly sent: Sent[] = []
  #clientSeq = ISN
  #serverSeq = 4_294_967_200

  constructor(readonly port: number) {}

  syn(at: number): this {
    return this.#client(at, { flags: SYN, seq: ISN })
  }

  accepts(at: number, ack = 0): this {
    this.#clientSeq = 0
    return this.#server(at, { flags: SYN | ACK, ack })
  }

  says(at: number, data: Buffer): this {
    this.#client(at, { flags: ACK, seq: this.#clientSeq, data })
    this.#clientSeq += data.length
    return this
  }

  hears(at: number, bytes: number): this {
    this.#server(at, { flags: ACK, seq: this.#serverSeq, data: Buffer.alloc(bytes) })
    this.#serverSeq = (this.#serverSeq + bytes) >>> 0
    return this
  }

  /** The server sends the last bytes once more. */
  hearsAgain(at: number, bytes: number): this {
    return this.#server(at, { flags: ACK, seq: (this.#serverSeq - bytes) >>> 0, data: Buffer.alloc(bytes) })
  }

  /** A request over TLS, up to the tickets of its session. */
  greets(at: number, hello = HELLO): this {
    return this.syn(at).accepts(at).says(at, hello).hears(at, 846).says(at, Buffer.alloc(168)).hears(at, 79)
  }

  #client(at: number, rest: Partial<Sent>): this {
    this.sent.push({ at: at * 1000, from: [1, this.port], to: SERVER, ...rest })
    return this
  }

  #server(at: number, rest: Partial<Sent>): this {
    this.sent.push({ at: at * 1000, from: SERVER, to: [1, this.port], ...rest })
    return this
  }
}

function answers(...talks: readonly Talk[]): WireAnswers {
  const sent = talks.flatMap((talk) => talk.sent).sort((one, other) => one.at - other.at)
  return answersIn(segmentsIn(captureOf(sent)), '198.18.0.100:443')
}

describe('answersIn', () => {
  it('has a connection over which nothing is sent answered when it is accepted', () => {
    expect(answers(new Talk(1).syn(10).accepts(12), new Talk(2).syn(20).accepts(21))).toEqual({
      asked: [10, 20],
      tcp: [12, 21],
      tls: [],
    })
  })

  it('counts a connection that is asked for again once', () => {
    expect(answers(new Talk(1).syn(10).syn(1010).accepts(1011).accepts(1012))).toEqual({
      asked: [10],
      tcp: [1011],
      tls: [],
    })
  })

  it('counts none that is not accepted, and takes no answer to another for it', () => {
    expect(answers(new Talk(1).syn(10), new Talk(2).syn(10).accepts(11, 77)).tcp).toEqual([])
  })

  it('tells connections of the same port apart', () => {
    const later = new Talk(1)
    later.sent.push({ at: 50_000, from: [1, 1], to: SERVER, flags: SYN, seq: 5 })
    later.sent.push({ at: 51_000, from: SERVER, to: [1, 1], flags: SYN | ACK, ack: 6 })

    expect(answers(new Talk(1).syn(10).accepts(11), later).tcp).toEqual([11, 51])
  })

  it('has a request over TLS answered when the answer comes, not the handshake, tickets or the end', () => {
    expect(answers(new Talk(1).greets(10).hears(14, ANSWER).hears(15, 24))).toMatchObject({
      tcp: [],
      tls: [14],
    })
    expect(answers(new Talk(1).greets(10).hears(11, 24))).toMatchObject({ tcp: [], tls: [] })
  })

  it('takes an answer that is sent again for one', () => {
    expect(answers(new Talk(1).greets(10).hears(14, ANSWER).hearsAgain(15, ANSWER)).tls).toEqual([14])
  })

  it('counts no connection over which more is answered, and none that is for HTTP/2', () => {
    const kept = new Talk(1).greets(10).hears(11, ANSWER).says(20, Buffer.alloc(90)).hears(21, ANSWER)
    const http2 = new Talk(2).greets(10, HELLO_HTTP2).hears(11, ANSWER)

    expect(answers(kept, http2)).toMatchObject({ tcp: [], tls: [] })
  })
})

describe('longestGap', () => {
  const steady = Array.from({ length: 200 }, (_, index) => index * 10)

  it('is between two answers in the span', () => {
    const found = longestGap([0, 500, 510, 560, 570, 2000], steady, { from: 500, to: 1000 })

    expect(found).toEqual({ from: 510, to: 560 })
  })

  it('is none in which nobody asked', () => {
    const asked = steady.filter((at) => at <= 100 || at >= 400)

    expect(longestGap([90, 401, 450, 460], asked, { from: 0, to: 1000 })).toEqual({ from: 401, to: 450 })
  })

  it('is null with less than two answers', () => {
    expect(longestGap([0, 500, 2000], steady, { from: 500, to: 1000 })).toBeNull()
  })
})
