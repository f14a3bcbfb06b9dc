import { request, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as startTls } from 'node:tls'
import { errnoCode, GwError } from '../errors.js'
import { OWN_PATHS } from '../model/own-paths.js'
import { RELEASE_NAME } from '../model/release.js'
import { UNRELEASED } from '../render/nginx/release-name.js'
import { cleanLine } from '../shell/clean.js'

/** What a gateway's /health answered: which release serves, and after how many milliseconds. */
export interface HealthAnswer {
  readonly release: string
  readonly ms: number
}

interface HealthRequest {
  /** The domain of the gateway, for SNI and Host. */
  readonly domain: string
  /** For the handshake and the whole answer, in milliseconds. */
  readonly timeoutMs: number
}

const LONGEST_BODY = 64 * 1024
const LONGEST_SHOWN = 120

/**
 * Asks a gateway over `stream` which release it serves: TLS, HTTP/1.1, GET /health; follows nothing. The certificate is
 * not judged, since the question is who answers, not whether clients trust it. Destroys the stream.
 * @throws GwError RELEASE_NOT_SERVED with what came instead, in words that are safe to show
 */
export async function askHealth(stream: Duplex, { domain, timeoutMs }: HealthRequest): Promise<HealthAnswer> {
  const start = performance.now()
  const stop = AbortSignal.timeout(timeoutMs)
  try {
    const response = await responseOver(stream, domain, stop)
    const release = releaseIn(response, await bodyOf(response))
    return { release, ms: performance.now() - start }
  } catch (error) {
    if (error instanceof GwError) throw error
    throw notServed(stop.aborted ? `nothing whole within ${timeoutMs} ms` : wordsOf(error), error)
  } finally {
    stream.destroy()
  }
}

function responseOver(stream: Duplex, domain: string, signal: AbortSignal): Promise<IncomingMessage> {
  const tls = startTls({ socket: stream, servername: domain, rejectUnauthorized: false })
  // The request tells of the end of the stream; nobody else listens to these.
  stream.on('error', () => undefined)
  tls.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    const sent = request({
      path: OWN_PATHS.health,
      headers: { Host: domain, Connection: 'close' },
      createConnection: () => tls,
      signal,
    })
    sent.once('error', reject)
    sent.once('response', resolve)
    sent.end()
  })
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LONGEST_BODY) throw notServed(`a body of more than ${LONGEST_BODY} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

function releaseIn({ statusCode = 0, headers }: IncomingMessage, body: string): string {
  if (statusCode !== 200) {
    const where = headers.location === undefined ? '' : `, which leads to ${shown(headers.location)}`
    throw notServed(`status ${statusCode}${where}`)
  }
  const { status, release } = objectIn(body)
  if (status !== 'healthy' || typeof release !== 'string') throw notServed(`no health: ${shown(body)}`)
  if (release !== UNRELEASED && !RELEASE_NAME.test(release))
    throw notServed(`no name of a release: ${shown(release)}`)
  return release
}

function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function shown(text: string): string {
  const cleaned = cleanLine(text.slice(0, LONGEST_SHOWN))
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${cleaned}...` : cleaned)
}

function wordsOf(error: unknown): string {
  const code = errnoCode(error)
  if (code.startsWith('HPE_')) return 'no HTTP'
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return 'no TLS handshake'
  return 'an end of the connection'
}

function notServed(instead: string, cause?: unknown): GwError {
  return new GwError('RELEASE_NOT_SERVED', `${OWN_PATHS.health} was answered with ${instead}`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
