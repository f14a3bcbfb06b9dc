import type { Certificate } from '../model/tls.js'
import { attempt } from './attempt.js'
import { exchange } from './exchange.js'
import { handshake, shownBy, type HandshakeOptions } from './handshake.js'
import type { Open } from './open.js'
import type { Probe, ServerAnswer, TlsAnswer, WebAnswer } from './probe.js'

interface HttpsRequest extends HandshakeOptions {
  readonly path: string
  /** For everything: connection, handshake and the whole answer, in milliseconds. */
  readonly timeoutMs: number
}

interface TlsRequest extends Pick<HandshakeOptions, 'domain' | 'roots'> {
  readonly algorithm: Certificate['algorithm']
  /** For everything, in milliseconds. */
  readonly timeoutMs: number
}

interface HttpRequest {
  /** What the header Host says. */
  readonly host: string
  /** null tries the connection only. */
  readonly path: string | null
  /** For everything, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * A GET as a client makes it: SNI and Host by the domain, HTTP/1.1, no redirect followed. An untrusted certificate is told
 * of and does not end it.
 * @throws GwError what says nothing about the address: CONNECTION_LOST, INTERRUPTED
 */
export function probeHttps(
  open: Open,
  { path, timeoutMs, ...options }: HttpsRequest,
): Promise<Probe<WebAnswer & TlsAnswer>> {
  return attempt(open, timeoutMs, async (stream) => {
    const socket = await handshake(stream, options)
    const shown = shownBy(socket)
    return { ...shown, ...(await exchange(socket, { host: options.domain, path })) }
  })
}

/**
 * A handshake by TLS 1.2 that takes keys of one algorithm alone, and so shows the certificate of that algorithm.
 * @throws GwError as {@link probeHttps}
 */
export function probeTls(
  open: Open,
  { domain, roots, algorithm, timeoutMs }: TlsRequest,
): Promise<Probe<TlsAnswer>> {
  const ciphers = `ECDHE+a${algorithm.toUpperCase()}`
  return attempt(open, timeoutMs, async (stream) =>
    shownBy(await handshake(stream, { domain, roots, ciphers, maxVersion: 'TLSv1.2' })),
  )
}

/**
 * A GET without TLS, or only a connection, to a server of a pool.
 * @throws GwError as {@link probeHttps}
 */
export function probeHttp(open: Open, { host, path, timeoutMs }: HttpRequest): Promise<Probe<ServerAnswer>> {
  return attempt<ServerAnswer>(open, timeoutMs, (stream) =>
    path === null ? Promise.resolve('connected') : exchange(stream, { host, path }),
  )
}
