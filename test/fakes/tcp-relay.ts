import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What a relay does with the streams that go through it; tests change it while it runs. */
export interface RelayRules {
  /** Holds every piece back for so long, each way, in milliseconds. */
  delayMs: number
  /** Cuts both sides without a word once so many bytes, both ways together, went through a connection. */
  cutAfterBytes: number
  /** Takes everything and passes nothing on, as a network that drops packets. */
  blackHole: boolean
}

/** A TCP relay to one target, for faults of the network and for counting what a driver puts on the wire. */
export class TcpRelay {
  readonly rules: RelayRules = { delayMs: 0, cutAfterBytes: Number.POSITIVE_INFINITY, blackHole: false }
  readonly counts = { connections: 0, bytesUp: 0, bytesDown: 0, directionChanges: 0 }
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {
    this.#listener = createServer((near) => {
      this.#join(near)
    })
  }

  static async start(target: { host: string; port: number }): Promise<TcpRelay> {
    const relay = new TcpRelay(target)
    relay.#listener.listen(0, '127.0.0.1')
    await once(relay.#listener, 'listening')
    return relay
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  /** Cuts what is open now. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #join(near: Socket): void {
    this.counts.connections++
    const far = connect({ ...this.target, noDelay: true })
    near.setNoDelay(true)
    const connection = { bytes: 0, direction: '' }
    this.#pass(near, far, 'bytesUp', connection)
    this.#pass(far, near, 'bytesDown', connection)
  }

  #pass(
    from: Socket,
    to: Socket,
    count: 'bytesUp' | 'bytesDown',
    connection: { bytes: number; direction: string },
  ): void {
    this.#sockets.add(from)
    from.on('data', (piece: Buffer) => {
      if (this.rules.blackHole) return
      if (connection.direction !== count) this.counts.directionChanges++
      connection.direction = count
      this.counts[count] += piece.length
      const left = this.rules.cutAfterBytes - connection.bytes
      connection.bytes += piece.length
      this.#later(() => {
        if (piece.length <= left) to.write(piece)
        else {
          from.resetAndDestroy()
          to.resetAndDestroy()
        }
      })
    })
    from.on('error', () => undefined)
    from.once('close', () => {
      this.#sockets.delete(from)
      // A black hole says nothing about an end, either.
      if (!this.rules.blackHole) this.#later(() => to.destroy())
    })
  }

  #later(action: () => void): void {
    if (this.rules.delayMs === 0) action()
    else setTimeout(action, this.rules.delayMs)
  }
}
