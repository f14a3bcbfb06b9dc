/** A TCP segment over IPv4, as it was captured. */
export interface Segment {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Address and port, `198.18.0.1:443`. */
  readonly from: string
  readonly to: string
  readonly seq: number
  readonly ack: number
  readonly isSyn: boolean
  readonly isAck: boolean
  /** How many bytes it carried. */
  readonly bytes: number
  /** Those of them that were captured. */
  readonly data: Buffer
}

/** How a file begins whose times are in microseconds, written on a machine with the lowest byte first. */
const MAGIC = 0xa1b2c3d4
const ETHERNET = 1
const FILE_HEADER = 24
const RECORD_HEADER = 16
const ETHERNET_HEADER = 14
const IPV4 = 0x0800
const TCP = 6
const SYN = 0x02
const ACK = 0x10

/** The TCP segments of a capture of Ethernet, in their order; other frames are passed over. @throws Error for another file */
export function* segmentsIn(capture: Buffer): Generator<Segment> {
  if (
    capture.length < FILE_HEADER ||
    capture.readUInt32LE(0) !== MAGIC ||
    capture.readUInt32LE(20) !== ETHERNET
  )
    throw new Error('this is no capture of Ethernet by microseconds')
  let at = FILE_HEADER
  // What was being written when the capture ended may be there by half.
  while (at + RECORD_HEADER <= capture.length) {
    const time = capture.readUInt32LE(at) * 1000 + capture.readUInt32LE(at + 4) / 1000
    const end = at + RECORD_HEADER + capture.readUInt32LE(at + 8)
    if (end > capture.length) return
    const segment = segmentOf(time, capture.subarray(at + RECORD_HEADER, end))
    if (segment !== null) yield segment
    at = end
  }
}

function segmentOf(at: number, frame: Buffer): Segment | null {
  if (frame.readUInt16BE(12) !== IPV4) return null
  const packet = frame.subarray(ETHERNET_HEADER)
  if (packet.readUInt8(9) !== TCP) return null
  const ipHeader = (packet.readUInt8(0) & 0x0f) * 4
  const tcp = packet.subarray(ipHeader)
  const tcpHeader = (tcp.readUInt8(12) >> 4) * 4
  const flags = tcp.readUInt8(13)
  // A short frame is filled up: the packet says itself how long it is.
  const bytes = packet.readUInt16BE(2) - ipHeader - tcpHeader
  return {
    at,
    from: `${addressAt(packet, 12)}:${tcp.readUInt16BE(0)}`,
    to: `${addressAt(packet, 16)}:${tcp.readUInt16BE(2)}`,
    seq: tcp.readUInt32BE(4),
    ack: tcp.readUInt32BE(8),
    isSyn: (flags & SYN) !== 0,
    isAck: (flags & ACK) !== 0,
    bytes,
    data: tcp.subarray(tcpHeader, tcpHeader + bytes),
  }
}

function addressAt(packet: Buffer, offset: number): string {
  return [...packet.subarray(offset, offset + 4)].join('.')
}
