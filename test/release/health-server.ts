import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { throwawayCertificate } from '../../src/certificate/throwaway.js'

export const DOMAIN = 'api.example.com'

/** What a server does with a connection, once a request came over it. */
export type Behaviour = (socket: Socket | TLSSocket) => void

/** An HTTP answer as it stands on the wire. */
export function answer(status: string, body: string, headers = ''): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
}

/** The answer of a gateway that is well. */
export function healthy(release: string, node = 'gw-1'): string {
  return answer(
    '200 OK',
    JSON.stringify({ status: 'healthy', release, node, timestamp: '2026-11-21T20:00:00Z' }),
  )
}

/** A server on this machine that does with each request what `behaviour` says; tests change it while it runs. */
export class HealthServer {
  readonly requests: string[] = []
  readonly names: (string | false)[] = []
  behaviour: Behaviour = () => undefined
  readonly #sockets = new Set<Socket>()
  #server: Server = createServer()

  static async start(kind: 'tls' | 'plain' = 'tls'): Promise<HealthServer> {
    const server = new HealthServer()
    const onSocket = (socket: Socket): void => {
      server.#welcome(socket)
    }
    if (kind === 'plain') server.#server = createServer(onSocket)
    else {
      const { chain, key } = await throwawayCertificate(DOMAIN, new Date())
      server.#server = createTlsServer({ cert: chain, key: key.reveal() }, (socket) => {
        server.names.push(socket.servername ?? false)
        onSocket(socket)
      })
    }
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  /** Answers every request with this text and ends the connection. */
  says(text: string): void {
    this.behaviour = (socket) => socket.end(text)
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async connection(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: this.port })
    await once(socket, 'connect')
    return socket
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.once('data', (bytes: Buffer) => {
      this.requests.push(bytes.toString('latin1'))
      this.behaviour(socket)
    })
  }
}
