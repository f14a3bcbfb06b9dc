/**
 * As much of RFC 6455 as a test of a gateway needs: the handshake, whole text frames, ping, close. Every text is
 * answered with JSON that says who answered and what was said.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A frame as its sender meant it; `rest` is what came after it. */
export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly rest: Buffer
}

export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const MAX_PAYLOAD = 65_536

/** What the client's key is answered with, so that no other service takes a handshake for its own. */
export function acceptKey(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/**
 * Reads one frame of a client.
 * @returns `null` when it is not here as a whole, 'wrong' when it is unmasked, too long or one part of a message.
 */
export function readFrame(bytes: Buffer): Frame | null | 'wrong' {
  if (bytes.length < 2) return null
  const [first = 0, second = 0] = bytes
  const short = second & 0x7f
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
  const start = 2 + lengthBytes + 4
  if ((first & 0xf0) !== 0x80 || (second & 0x80) === 0) return 'wrong'
  if (bytes.length < start) return null
  const length =
    lengthBytes === 8 ? Number(bytes.readBigUInt64BE(2)) : lengthBytes === 2 ? bytes.readUInt16BE(2) : short
  if (length > MAX_PAYLOAD) return 'wrong'
  if (bytes.length < start + length) return null
  const mask = bytes.subarray(start - 4, start)
  const payload = Buffer.from(
    bytes.subarray(start, start + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  )
  return { opcode: first & 0x0f, payload, rest: bytes.subarray(start + length) }
}

/** A whole frame from the server, which masks nothing. */
export function writeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x80 | opcode
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  else if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

/** Answers a request to upgrade, and from then on every frame, until either side closes. */
export function echoWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, who: object): void {
  const key = request.headers['sec-websocket-key']
  // A client that goes away has nobody left to tell.
  socket.on('error', () => socket.destroy())
  if (request.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return
  }
  const lines = ['101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`HTTP/1.1 ${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`)
  const say = { ...who, path: request.url, headers: request.headers }
  let unread = head
  const answerFrames = (): void => {
    for (;;) {
      const frame = readFrame(unread)
      if (frame === null) return
      if (frame === 'wrong') {
        socket.end(closing(1002))
        return
      }
      unread = frame.rest
      if (!answer(socket, frame, say)) return
    }
  }
  socket.on('data', (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes])
    answerFrames()
  })
  answerFrames()
}

/** What a server says before it ends a connection, with a code of RFC 6455. */
export function closing(code: number): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return writeFrame(OPCODE.close, payload)
}

/** Answers one frame; false when the connection ends with it. */
function answer(socket: Duplex, { opcode, payload }: Frame, say: object): boolean {
  if (opcode === OPCODE.text) {
    const text = JSON.stringify({ ...say, text: payload.toString('utf8') })
    socket.write(writeFrame(OPCODE.text, Buffer.from(text)))
  } else if (opcode === OPCODE.ping) {
    socket.write(writeFrame(OPCODE.pong, payload))
  } else if (opcode !== OPCODE.pong) {
    socket.end(opcode === OPCODE.close ? writeFrame(OPCODE.close, payload) : closing(1003))
    return false
  }
  return true
}
