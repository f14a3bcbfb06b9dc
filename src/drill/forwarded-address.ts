import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { whenAborted } from '../connection/abort.js'
import { ForwardingForbidden } from '../connection/connection.js'
import { HostSession, type Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import type { Kind } from './sample.js'

/** What can be asked through it: a new TCP connection would be accepted by this machine, whatever the gateway does. */
export const FORWARDED_KINDS: readonly Kind[] = ['tls', 'keepalive', 'http2']

export interface ForwardedTarget {
  readonly reach: Reach
  /** What is asked, as the host reaches it. */
  readonly address: string
  readonly port: number
}

/** Connections to the host; each carries 32 forwards at most. */
const CARRIERS = 4

/**
 * So many forwards are open at most, fewer than can be: those that end are not gone at once. It is more than a gateway that
 * answers ever has of a load.
 */
const MOST_OPEN = 96

/**
 * An address as a host of the fleet reaches it: whoever connects to a port of this machine is handed on through the host. What
 * waits there for a gateway that says nothing makes room for what comes later, the oldest first, so that a gateway which is
 * back is found at once.
 */
export class ForwardedAddress {
  /** Where to connect to. */
  readonly address = '127.0.0.1'
  readonly port: number
  readonly #server: Server
  readonly #carriers: readonly Carrier[]
  /** In the order in which they were opened. */
  readonly #passages: Set<Passage>

  private constructor(server: Server, carriers: readonly Carrier[], passages: Set<Passage>) {
    this.#server = server
    this.#carriers = carriers
    this.#passages = passages
    this.port = (server.address() as AddressInfo).port
  }

  /**
   * Answers once the host is reached, whether the address answers there or not. Somebody must `close` it.
   * @throws GwError as the connection does, and where the host's sshd forwards nothing
   */
  static async open(host: Host, target: ForwardedTarget): Promise<ForwardedAddress> {
    const carriers = Array.from({ length: CARRIERS }, () => new Carrier(new HostSession(host, target.reach)))
    const passages = new Set<Passage>()
    const server = createServer((socket) => {
      admit(socket, target, carriers, passages)
    })
    try {
      await Promise.all(carriers.map(({ session }) => session.connect()))
      await tryOnce(carriers, target)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return new ForwardedAddress(server, carriers, passages)
    } catch (error) {
      await Promise.all(carriers.map(({ session }) => session.close()))
      throw error
    }
  }

  /** Ends all that goes through it; does nothing more the second time. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const passage of this.#passages) passage.end()
    await Promise.all(this.#carriers.map(({ session }) => session.close()))
    await closed
  }
}

/** A connection to the host. */
class Carrier {
  /** How many forwards are or will be open on it. */
  load = 0

  constructor(readonly session: HostSession) {}
}

/** One who connected, and what it is handed on to. */
class Passage {
  /** Whether the address has said something. */
  hasAnswer = false
  readonly #socket: Socket
  readonly #end = new AbortController()

  constructor(socket: Socket, onEnd: () => void) {
    this.#socket = socket
    // Its end says the same.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.#end.abort()
    })
    whenAborted(this.#end.signal, onEnd)
  }

  /** Fulfils when it is over. */
  async passOn(carrier: Carrier, { address, port }: ForwardedTarget): Promise<void> {
    const { signal } = this.#end
    carrier.load += 1
    try {
      // A connection that was lost is made anew for all, whoever waits for it first and goes.
      await carrier.session.connect()
      const stream = await carrier.session.forward(address, port, signal)
      await this.#join(stream)
      this.#socket.destroySoon()
    } catch (error) {
      this.end()
      if (!(error instanceof GwError)) throw error
    } finally {
      carrier.load -= 1
    }
  }

  /** By a reset, as a gateway that is not there would. */
  end(): void {
    this.#socket.resetAndDestroy()
    this.#end.abort()
  }

  /** Fulfils when the other side is gone. */
  #join(stream: Duplex): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      stream.once('close', resolve)
    })
    stream.on('error', () => undefined)
    stream.once('data', () => {
      this.hasAnswer = true
    })
    const close = (): void => {
      stream.destroy()
    }
    if (this.#end.signal.aborted) close()
    else whenAborted(this.#end.signal, close)
    this.#socket.pipe(stream).pipe(this.#socket)
    return gone
  }
}

function admit(
  socket: Socket,
  target: ForwardedTarget,
  carriers: readonly Carrier[],
  passages: Set<Passage>,
): void {
  const carrier = carriers.reduce((least, each) => (each.load < least.load ? each : least))
  if (passages.size >= MOST_OPEN) oldestUnanswered(passages)?.end()
  const passage = new Passage(socket, () => passages.delete(passage))
  passages.add(passage)
  void passage.passOn(carrier, target)
}

function oldestUnanswered(passages: ReadonlySet<Passage>): Passage | undefined {
  return [...passages].find(({ hasAnswer }) => !hasAnswer)
}

/** An address that does not answer is what is to be measured; a host that forwards nothing would look the same. */
async function tryOnce([carrier]: readonly Carrier[], { address, port }: ForwardedTarget): Promise<void> {
  try {
    const stream = await carrier?.session.forward(address, port)
    stream?.on('error', () => undefined).destroy()
  } catch (error) {
    if (error instanceof ForwardingForbidden || !(error instanceof GwError)) throw error
  }
}
