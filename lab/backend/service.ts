/**
 * The service behind the lab's gateways: `/health`, `/version`, an echo for any other path, and knobs that tests turn
 * while it runs. It runs on Debian's Node 18 with nothing beside it, so it imports node's own modules only.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** What tests can change: the share of requests answered 500 (0 to 1), a delay in milliseconds, the health verdict. */
export interface Knobs {
  readonly errorRatio: number
  readonly latencyMs: number
  readonly healthy: boolean
}

export interface BackendOptions {
  readonly service: string
  /** Name of the release folder that the code runs from. */
  readonly version: string
  readonly host: string
}

const START_KNOBS: Knobs = { errorRatio: 0, latencyMs: 0, healthy: true }
const MAX_KNOBS_BYTES = 4096

/**
 * Takes over the knobs that `change` names and keeps the others.
 * @returns `null` when `change` has an unknown knob or a value out of range.
 */
export function turnKnobs(knobs: Knobs, change: unknown): Knobs | null {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return null
  let next = knobs
  for (const [name, value] of Object.entries(change)) {
    if (name === 'errorRatio' && typeof value === 'number' && value >= 0 && value <= 1) {
      next = { ...next, errorRatio: value }
    } else if (name === 'latencyMs' && typeof value === 'number' && value >= 0 && value <= 600_000) {
      next = { ...next, latencyMs: value }
    } else if (name === 'healthy' && typeof value === 'boolean') {
      next = { ...next, healthy: value }
    } else {
      return null
    }
  }
  return next
}

/**
 * Spreads errors evenly instead of at random: of any N requests in a row, N times the ratio fail, give or take one.
 * Returns a function that says for each request whether it fails.
 */
export function errorSpreader(): (ratio: number) => boolean {
  let owed = 0
  return (ratio) => {
    if (ratio <= 0) owed = 0
    else owed += ratio
    // Tenths added up fall short of one by a rounding error.
    if (owed < 1 - 1e-9) return false
    owed -= 1
    return true
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > MAX_KNOBS_BYTES) return null
    chunks.push(bytes)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return null
  }
}

function healthReport(options: BackendOptions, knobs: Knobs, startedAt: number): object {
  const word = knobs.healthy ? 'healthy' : 'unhealthy'
  return {
    status: word,
    timestamp: new Date().toISOString(),
    service: options.service,
    version: options.version,
    uptime: (Date.now() - startedAt) / 1000,
    checks: { database: word, redis: 'healthy', memory: 'healthy' },
  }
}

/** The service, not listening yet. Its knobs are its own: two of them in one process do not disturb each other. */
export function backendServer(options: BackendOptions): Server {
  const startedAt = Date.now()
  const fails = errorSpreader()
  let knobs = START_KNOBS

  const answerKnobs = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'POST') {
      const turned = turnKnobs(knobs, await readJson(request))
      if (turned === null) {
        sendJson(response, 400, { error: 'the body must be a JSON object of errorRatio, latencyMs, healthy' })
        return
      }
      knobs = turned
    }
    sendJson(response, 200, knobs)
  }

  const answer = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const { service, version, host } = options
    if (path === '/health')
      sendJson(response, knobs.healthy ? 200 : 503, healthReport(options, knobs, startedAt))
    else if (fails(knobs.errorRatio))
      sendJson(response, 500, { error: 'as the knob says', service, version, host })
    else if (path === '/version') sendJson(response, 200, { service, version, host })
    else
      sendJson(response, 200, {
        method: request.method,
        path: request.url,
        headers: request.headers,
        service,
        version,
        host,
      })
  }

  return createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path === '/__knobs') {
      // A client that goes away in the middle of its own knobs has nobody left to tell.
      answerKnobs(request, response).catch(() => response.destroy())
      return
    }
    request.resume()
    if (knobs.latencyMs === 0) answer(request, response, path)
    else
      setTimeout(() => {
        answer(request, response, path)
      }, knobs.latencyMs)
  })
}
