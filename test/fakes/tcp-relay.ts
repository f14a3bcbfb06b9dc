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
  /** Told of each piece from the target before it is passed on: what this sets or does counts for that piece already. */
  onPiece: () => void
}

/** A TCP relay to one target, for faults of the network and for counting what a driver puts on the wire. */
export class TcpRelay {
  readonly rules: RelayRules = {
    delayMs: 0,
    cutAfterBytes: Number.POSITIVE_INFINITY,
    blackHole: false,
    onPiece: () => undefined,
  }
  readonly counts = { connections: 0, bytesUp: 0, bytesDown: 0, directionChanges: 0 }
  readonly #listener: Server
  readonly #sockets = new Set<Socket>()
  readonly #frozen = new WeakSet<Socket>()

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

  /** Ends what is open now, as a program does that exits. */
  end(): void {
    for (const socket of this.#sockets) socket.end()
  }

  /** Passes nothing on any more of what is open now; new connections get through. */
  freeze(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket)
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
    const isSwallowed = (): boolean => this.rules.blackHole || this.#frozen.has(from)
    from.on('data', (piece: Buffer) => {
      if (isSwallowed()) return
      if (count === 'bytesDown') this.rules.onPiece()
      if (isSwallowed() || from.destroyed || from.writableEnded) return
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
      if (!isSwallowed()) this.#later(() => to.destroy())
    })
  }

  #later(action: () => void): void {
    if (this.rules.delayMs === 0) action()
    else setTimeout(action, this.rules.delayMs)
  }
}
