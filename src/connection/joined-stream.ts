import { Duplex, type Readable, type Writable } from 'node:stream'

/**
 * The two directions of a channel as one stream, which ends as sockets do: it is closed once the far end has closed it
 * and all was read, or when it is destroyed; then `release` frees the channel.
 */
export class JoinedStream extends Duplex {
  constructor(
    private readonly from: Readable,
    private readonly to: Writable,
    private readonly release: () => void,
  ) {
    super()
    from.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) from.pause()
    })
    from.once('end', () => this.push(null))
    // A failure of the channel is an end of it; which one, its connection tells.
    from.on('error', () => this.destroy())
    to.on('error', () => this.destroy())
    this.once('end', () => this.destroy())
  }

  override _read(): void {
    this.from.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.to.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.to.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.release()
    // What is left unread would keep the channel from closing.
    this.from.removeAllListeners('data').resume()
    done(error)
  }
}
