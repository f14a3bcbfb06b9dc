/** A segment to be written into a capture; what is left out is 0, empty or none. */
export interface Sent {
  /** Microseconds since 1970. */
  readonly at: number
  /** Last number of the address, and the port. */
  readonly from: readonly [host: number, port: number]
  readonly to: readonly [host: number, port: number]
  readonly flags?: number
  readonly seq?: number
  readonly ack?: number
  readonly data?: Buffer
  /** How many bytes of the frame were captured. */
  readonly captured?: number
}

export const SYN = 0x02
export const ACK = 0x10

/** A capture of Ethernet as tcpdump writes it. */
export function captureOf(segments: readonly Sent[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt32LE(1, 20)
  return Buffer.concat([header, ...segments.map((sent) => recordOf(sent.at, frameOf(sent), sent.captured))])
}

/** A record of a capture with any frame. */
export function recordOf(at: number, frame: Buffer, captured = frame.length): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(Math.floor(at / 1_000_000), 0)
  header.writeUInt32LE(at % 1_000_000, 4)
  header.writeUInt32LE(captured, 8)
  header.writeUInt32LE(frame.length, 12)
  return Buffer.concat([header, frame.subarray(0, captured)])
}

function frameOf({ from, to, flags = 0, seq = 0, ack = 0, data = Buffer.alloc(0) }: Sent): Buffer {
  const ethernet = Buffer.alloc(14)
  ethernet.writeUInt16BE(0x0800, 12)
  const tcp = Buffer.alloc(32)
  tcp.writeUInt16BE(from[1], 0)
  tcp.writeUInt16BE(to[1], 2)
  tcp.writeUInt32BE(seq, 4)
  tcp.writeUInt32BE(ack, 8)
  tcp.writeUInt8(0x80, 12)
  tcp.writeUInt8(flags, 13)
  const ip = Buffer.alloc(20)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(ip.length + tcp.length + data.length, 2)
  ip.writeUInt8(6, 9)
  ip.set([198, 18, 0, from[0]], 12)
  ip.set([198, 18, 0, to[0]], 16)
  const frame = Buffer.concat([ethernet, ip, tcp, data])
  // Ethernet knows no shorter one.
  return frame.length < 60 ? Buffer.concat([frame, Buffer.alloc(60 - frame.length)]) : frame
}
