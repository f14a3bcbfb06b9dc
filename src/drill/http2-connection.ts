import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { bodyOf } from '../probe/exchange.js'
import { NotTaken, type KeptConnection } from './kept-client.js'
import type { LoadTarget } from './load-target.js'
import { nodeIn, Unserved } from './unserved.js'

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants

/** Requests over one HTTP/2 connection, side by side. */
export class Http2Connection implements KeptConnection {
  readonly ended: Promise<boolean>
  readonly #session: ClientHttp2Session
  readonly #path: string
  #isAnnounced = false
  #dropped: Unserved | null = null

  constructor(socket: TLSSocket, { domain, path }: LoadTarget) {
    this.#path = path
    this.#session = connect(`https://${domain}`, { createConnection: () => socket })
    // Requests hear of it by the end of their streams.
    this.#session.on('error', () => undefined)
    this.#session.on('goaway', (code) => {
      this.#isAnnounced = code === NGHTTP2_NO_ERROR
    })
    this.ended = new Promise((resolve) => {
      this.#session.once('close', () => {
        resolve(this.#isAnnounced)
      })
    })
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed
  }

  async ask(): Promise<string | null> {
    if (!this.isOpen) throw new NotTaken()
    const start = performance.now()
    const stream = this.#session.request({ ':path': this.#path })
    let status = 0
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0
    })
    try {
      const body = await bodyOf(stream)
      // Node ends the stream of a connection that ends as it ends a whole answer.
      if (stream.rstCode !== NGHTTP2_NO_ERROR) throw new Unserved('reset')
      return nodeIn({ status, location: null, body, ms: performance.now() - start })
    } catch (error) {
      throw this.#reasonOf(error, stream)
    }
  }

  drop(reason: Unserved): void {
    this.#dropped ??= reason
    this.#session.destroy()
  }

  /** Streams end by errors of many kinds: the state that they leave tells more. */
  #reasonOf(error: unknown, { rstCode }: ClientHttp2Stream): Error {
    if (this.#dropped !== null) return this.#dropped
    if (rstCode === NGHTTP2_REFUSED_STREAM) return new NotTaken()
    if (error instanceof Unserved) return error
    return new Unserved(this.isOpen ? 'answer' : 'reset', error)
  }
}
