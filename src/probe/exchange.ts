import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import { errnoCode } from '../errors.js'
import { cleanLine } from '../shell/clean.js'
import { Unanswered } from './attempt.js'
import type { WebAnswer } from './probe.js'

interface Target {
  readonly host: string
  readonly path: string
}

const LONGEST_BODY = 64 * 1024
const LONGEST_LOCATION = 1024

/** One GET by HTTP/1.1 over a connection that is there, and its last; follows nothing. @throws Unanswered `http` */
export function exchange(stream: Duplex, { host, path }: Target): Promise<WebAnswer> {
  const headers = { Host: host, Connection: 'close' }
  return answerTo(request({ path, headers, createConnection: () => stream }))
}

/** What a request without a body is answered with. @throws Unanswered `http`, whose cause has the system's code */
export async function answerTo(sent: ClientRequest): Promise<WebAnswer> {
  const start = performance.now()
  try {
    const response = await responseTo(sent)
    const body = await bodyOf(response)
    const { statusCode: status = 0 } = response
    return { status, location: locationOf(response), body, ms: performance.now() - start }
  } catch (error) {
    if (error instanceof Unanswered) throw error
    const isNoHttp = errnoCode(error).startsWith('HPE_')
    throw new Unanswered('http', isNoHttp ? 'no HTTP' : 'an end of the connection', error)
  }
}

function responseTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject)
    sent.once('response', resolve)
    sent.end()
  })
}

/** The text that comes. @throws Unanswered `http` for too much of it */
export async function bodyOf(response: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > LONGEST_BODY) throw new Unanswered('http', `a body of more than ${LONGEST_BODY} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

function locationOf({ statusCode = 0, headers: { location } }: IncomingMessage): string | null {
  const isRedirect = statusCode >= 300 && statusCode < 400
  return isRedirect && location !== undefined ? cleanLine(location.slice(0, LONGEST_LOCATION)) : null
}
