import type { X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import { errnoCode } from '../errors.js'
import { Unanswered } from './attempt.js'
import type { TlsAnswer } from './probe.js'

export interface HandshakeOptions {
  /** For SNI, and the name that the certificate should be for. */
  readonly domain: string
  /** PEM of the CAs that a client of this gateway would trust, and no others; without any, those of this machine count. */
  readonly roots: readonly string[]
  readonly minVersion?: SecureVersion
  readonly maxVersion?: SecureVersion
  /** As OpenSSL has them; they restrict TLS 1.2 alone. */
  readonly ciphers?: string
}

/** Why OpenSSL, or Node for names, takes a certificate for no good. */
const DISTRUST: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends at a root that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'an issuer of its chain is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the last certificate that is sent is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is neither sent nor known',
  CERT_HAS_EXPIRED: 'a certificate of its chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of its chain is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for other names',
}

/**
 * A TLS handshake that takes whatever certificate is shown. No session is resumed: each one shows the certificates anew.
 * @throws Unanswered `tls`
 */
export function handshake(stream: Duplex, options: HandshakeOptions): Promise<TLSSocket> {
  const { domain, roots, ...versions } = options
  const socket = connect({
    socket: stream,
    servername: domain,
    rejectUnauthorized: false,
    ...versions,
    // Node reads the roots of this machine once, those that it is given for every connection.
    ...(roots.length === 0 ? {} : { ca: [...roots] }),
  })
  return new Promise((resolve, reject) => {
    const fail = (error?: Error): void => {
      reject(new Unanswered('tls', wordsOf(error), error))
    }
    socket.once('secureConnect', () => {
      resolve(socket)
    })
    // It stays: later errors are those of whoever talks over the connection.
    socket.on('error', fail)
    socket.once('close', () => {
      fail()
    })
  })
}

/** What the handshake showed; to be asked once: Node takes the chain apart. @throws Unanswered `tls` for no certificate */
export function shownBy(socket: TLSSocket): TlsAnswer {
  const protocol = socket.getProtocol()
  const leaf = socket.getPeerX509Certificate()
  if (leaf === undefined || (protocol !== 'TLSv1.2' && protocol !== 'TLSv1.3'))
    throw new Unanswered('tls', 'no certificate')
  return { protocol, chain: chainFrom(leaf), distrusted: distrustOf(socket) }
}

/** As it was sent: Node links each certificate to the one that came after it. */
function chainFrom(leaf: X509Certificate): string[] {
  const chain: string[] = []
  for (let link: X509Certificate | undefined = leaf; link !== undefined; link = link.issuerCertificate)
    chain.push(link.toString())
  return chain
}

function distrustOf({ authorized, authorizationError }: TLSSocket): string | null {
  if (authorized) return null
  // Node gives the code alone, other than its types say.
  const code = String(authorizationError)
  return DISTRUST[code] ?? `OpenSSL says ${code}`
}

function wordsOf(error: unknown): string {
  const code = errnoCode(error)
  if (code.includes('ALERT_HANDSHAKE_FAILURE')) return 'the server took none of the ciphers that were offered'
  return code === 'EPROTO' || code.startsWith('ERR_SSL_') ? 'no TLS handshake' : 'an end of the connection'
}
