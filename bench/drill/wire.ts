import type { Segment } from './pcap.js'

/** When new connections were asked for and answered, in milliseconds since 1970, ascending. */
export interface WireAnswers {
  /** Of every kind, each for the first time. */
  readonly asked: readonly number[]
  /** The gateway's system took a connection over which the client then sent nothing. */
  readonly tcp: readonly number[]
  /** The answer to the one request over a TLS connection, when it began to come. */
  readonly tls: readonly number[]
}

/** A time between two answers, in milliseconds since 1970. */
export interface WireGap {
  readonly from: number
  readonly to: number
}

/**
 * An answer of the gateway has more bytes than this after the client's second flight; tickets of TLS sessions (79) and the
 * notice of an end (24) have less.
 */
const ANSWER_BYTES = 200

/** What a client offers that wants HTTP/2 only: ALPN with the one name `h2`. */
const ONLY_HTTP2 = Buffer.from([0x00, 0x10, 0x00, 0x05, 0x00, 0x03, 0x02, 0x68, 0x32])

/** When nobody asked for longer than this, in milliseconds, the client stood still, and the gateway had nothing to answer. */
const STILL_MS = 20

interface Connection {
  readonly askedAt: number
  readonly isn: number
  acceptedAt: number | null
  /** How many segments with data the client sent. */
  flights: number
  isHttp2: boolean
  /** Behind the last byte that the server sent, from its first on. */
  readonly sent: Progress
  readonly answers: number[]
}

/**
 * Pure: the answers of `server` (`198.18.0.100:443`) to new connections. The two kinds of a drill's load are told apart by what
 * goes over a connection. Those that stay open count for neither: they have HTTP/2, or more than one answer.
 */
export function answersIn(segments: Iterable<Segment>, server: string): WireAnswers {
  const connections = connectionsIn(segments, server)
  const accepted = connections.filter(({ flights }) => flights === 0)
  const served = connections.filter(({ isHttp2, answers }) => !isHttp2 && answers.length === 1)
  return {
    asked: ascending(connections.map(({ askedAt }) => askedAt)),
    tcp: ascending(accepted.flatMap(({ acceptedAt }) => acceptedAt ?? [])),
    tls: ascending(served.flatMap(({ answers }) => answers)),
  }
}

/**
 * The longest time between two answers in a span; null for less than two. As in gw's own figure, time in which the client
 * stood still is part of a gap and makes none longer than another.
 */
export function longestGap(
  answers: readonly number[],
  asked: readonly number[],
  span: WireGap,
): WireGap | null {
  const seen = answers.filter((at) => at >= span.from && at <= span.to)
  const gaps = seen.slice(1).map((to, index) => ({ from: seen[index] ?? to, to }))
  const lengths = gaps.map(({ from, to }) => to - from - stillIn({ from, to }, asked))
  return gaps[lengths.indexOf(Math.max(...lengths))] ?? null
}

function stillIn({ from, to }: WireGap, asked: readonly number[]): number {
  const times = [from, ...asked.filter((at) => at > from && at < to), to]
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at))
  return pauses.filter((ms) => ms > STILL_MS).reduce((sum, ms) => sum + ms, 0)
}

function connectionsIn(segments: Iterable<Segment>, server: string): Connection[] {
  const all: Connection[] = []
  const open = new Map<string, Connection>()
  for (const segment of segments) {
    if (segment.to !== server) {
      const connection = open.get(segment.to)
      if (connection !== undefined) heard(connection, segment)
      continue
    }
    const connection = open.get(segment.from)
    if (!segment.isSyn) {
      if (connection !== undefined) said(connection, segment)
    } else if (connection?.isn !== segment.seq) {
      // The same number again is the same connection, which was not answered at first.
      const begun = begin(segment)
      open.set(segment.from, begun)
      all.push(begun)
    }
  }
  return all
}

function begin({ at, seq }: Segment): Connection {
  return {
    askedAt: at,
    isn: seq,
    acceptedAt: null,
    flights: 0,
    isHttp2: false,
    sent: new Progress(),
    answers: [],
  }
}

/** What the client says. */
function said(connection: Connection, { bytes, data }: Segment): void {
  if (bytes === 0) return
  if (connection.flights === 0) connection.isHttp2 = data.includes(ONLY_HTTP2)
  connection.flights += 1
}

/** What the client hears. */
function heard(connection: Connection, segment: Segment): void {
  const { at, isSyn, isAck, ack, seq, bytes } = segment
  if (isSyn) {
    const isOurs = isAck && ack === next(connection.isn)
    if (isOurs) connection.acceptedAt ??= at
    return
  }
  const isNew = bytes > 0 && connection.sent.reaches(seq, bytes)
  if (isNew && bytes > ANSWER_BYTES && connection.flights >= 2) connection.answers.push(at)
}

/** How far a stream of bytes has come, whose numbers begin anew at 2^32. */
class Progress {
  #end: number | null = null

  /** Whether a segment brings anything that was not there before. */
  reaches(seq: number, bytes: number): boolean {
    const end = (seq + bytes) >>> 0
    if (this.#end !== null && ((end - this.#end) | 0) <= 0) return false
    this.#end = end
    return true
  }
}

function next(seq: number): number {
  return (seq + 1) >>> 0
}

function ascending(times: number[]): number[] {
  return times.sort((one, other) => one - other)
}
