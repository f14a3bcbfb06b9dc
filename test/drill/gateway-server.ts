import { once } from 'node:events'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { throwawayCertificate } from '../../src/certificate/throwaway.js'
import type { LoadTarget } from '../../src/drill/load-target.js'
import { DOMAIN } from '../release/health-server.js'

type Behaviour = (request: Http2ServerRequest, response: Http2ServerResponse) => void

/** What answers HTTPS on this machine as a gateway does; tests change it while it runs. */
export class GatewayServer {
  /** What it answers every request with. */
  behaviour: Behaviour = (_, response) => response.end(this.health)
  node = 'gw-1'
  readonly seen = { connections: 0, requests: 0, resumed: 0 }
  readonly sessions = new Set<ServerHttp2Session>()
  readonly #server: Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #root: string
  #port = 0

  private constructor(server: Http2SecureServer, root: string) {
    this.#server = server
    this.#root = root
    server.on('connection', (socket: Socket) => {
      this.seen.connections += 1
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.isSessionReused()) this.seen.resumed += 1
      socket.on('error', () => undefined)
    })
    server.on('session', (session) => {
      this.sessions.add(session)
      session.on('error', () => undefined)
      session.once('close', () => this.sessions.delete(session))
    })
    server.on('request', (request, response) => {
      this.seen.requests += 1
      response.on('error', () => undefined)
      this.behaviour(request, response)
    })
  }

  static async start(domain = DOMAIN): Promise<GatewayServer> {
    const { chain, key } = await throwawayCertificate(domain, new Date())
    const server = createSecureServer({ cert: chain, key: key.reveal(), allowHTTP1: true })
    const gateway = new GatewayServer(server, chain.slice(chain.lastIndexOf('-----BEGIN')))
    await gateway.open()
    return gateway
  }

  get health(): string {
    return JSON.stringify({ status: 'healthy', release: 'v1.0', node: this.node })
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size
  }

  get port(): number {
    return this.#port
  }

  /** What a load is to ask, by the way of another port where one is given. */
  target(port = this.#port): LoadTarget {
    return { address: '127.0.0.1', port, domain: DOMAIN, path: '/health', roots: [this.#root] }
  }

  /** Listens again, on the same port. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Cuts what is open, and listens no more. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }
}
