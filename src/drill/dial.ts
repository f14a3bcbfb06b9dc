import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { LoadTarget } from './load-target.js'
import { Unserved, unserved } from './unserved.js'

type Protocol = 'http/1.1' | 'h2'

/** Makes connections to a gateway. The signal ends the making only. */
export class Dialler {
  readonly #target: LoadTarget
  /** Made once: to read the roots costs more than a handshake. */
  readonly #context: SecureContext
  readonly #sessions = new Map<Protocol, Buffer>()

  constructor(target: LoadTarget) {
    const { roots } = target
    this.#target = target
    this.#context = createSecureContext(roots.length === 0 ? {} : { ca: [...roots] })
  }

  /** @throws Unserved */
  async tcp(signal: AbortSignal): Promise<Socket> {
    const { address, port } = this.#target
    const socket = connectTcp({ host: address, port })
    await opened(socket, 'connect', signal).catch((error: unknown) => {
      throw unserved(error, 'unreachable')
    })
    return socket
  }

  /**
   * A TLS connection whose certificate is trusted and for the domain. It resumes the session of the one before where the
   * gateway lets it, as browsers do; the certificate is then not shown again. @throws Unserved
   */
  async tls(protocol: Protocol, signal: AbortSignal): Promise<TLSSocket> {
    const { address, port, domain } = this.#target
    const session = this.#sessions.get(protocol)
    const socket = connectTls({
      host: address,
      port,
      servername: domain,
      secureContext: this.#context,
      ALPNProtocols: [protocol],
      ...(session === undefined ? {} : { session }),
    })
    socket.setNoDelay()
    socket.on('session', (newer) => this.#sessions.set(protocol, newer))
    await opened(socket, 'secureConnect', signal).catch((error: unknown) => {
      this.#sessions.delete(protocol)
      throw unserved(error, 'tls')
    })
    if (protocol === 'h2' && socket.alpnProtocol !== 'h2') {
      socket.destroy()
      throw new Unserved('tls', 'no HTTP/2')
    }
    return socket
  }
}

async function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  // Whoever talks over it hears of later errors by its end.
  socket.on('error', () => undefined)
  try {
    await once(socket, event, { signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
}
