import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Open } from '../../src/probe/open.js'
import { answer } from '../release/health-server.js'
import { make, makeAuthority, rsaKey, type Made } from '../certificate/workshop.js'

/** A day before or after now, for certificates that a real client shall take. */
export function days(count: number): string {
  return new Date(Date.now() + count * 86_400_000).toISOString()
}

export const LIFE = { from: days(-1), to: days(30) }

export const ROOT = await makeAuthority('Root')
export const MIDDLE = await makeAuthority('Middle', ROOT)
export const ECDSA = await make({ issuer: MIDDLE, ...LIFE })
export const RSA = await make({ key: rsaKey(2048), issuer: MIDDLE, ...LIFE })

/** What a server shows: a chain in any order, with the key of its first certificate. */
export function chainOf(...links: readonly [Made, ...Made[]]): TlsOptions {
  return { cert: links.map(({ certificate }) => certificate).join(''), key: links[0].key }
}

/** The way to a TLS server that answers every request with 200 and `hello`; it ends with the test. */
export async function serve(
  options: TlsOptions,
  onSocket: (socket: TLSSocket) => void = () => undefined,
): Promise<Open> {
  const server = createServer(options, (socket) => {
    onSocket(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer('200 OK', 'hello')))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return () => opened((server.address() as AddressInfo).port)
}

export async function opened(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  return socket
}
