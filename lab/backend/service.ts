/**
 * The service behind the lab's gateways: `/health`, `/version`, an echo for any other path that does what the query
 * orders, a WebSocket echo for every request to upgrade, and knobs that tests turn while it runs. It runs on Debian's
 * Node 18 with nothing beside it, so it imports node's own modules only.
 */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { START_KNOBS, errorSpreader, turnKnobs } from './knobs.js'
import { ordersOf } from './orders.js'
import type { Orders } from './orders.js'
import { closing, echoWebSocket } from './websocket.js'

export interface BackendOptions {
  readonly service: string
  /** Name of the release folder that the code runs from. */
  readonly version: string
  readonly host: string
}

/** A service that does not listen yet. Its knobs and counts are its own: two in one process do not disturb each other. */
export interface Backend {
  readonly server: Server
  /** Takes no new connection, closes idle ones and WebSockets, and answers requests in flight to their end. */
  readonly stop: () => void
}

const MAX_KNOBS_BYTES = 4096

export function backend(options: BackendOptions): Backend {
  const answer = answerer(options)
  const server = createServer((request, response) => {
    // A client that goes away in the middle of its request has nobody left to tell.
    answer(request, response).catch(() => response.destroy())
  })
  const webSockets = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    webSockets.add(socket)
    socket.once('close', () => webSockets.delete(socket))
    echoWebSocket(request, socket, head, options)
  })
  const stop = (): void => {
    // Connections of requests in flight are closed right after their answer.
    server.keepAliveTimeout = 1
    server.close()
    server.closeIdleConnections()
    for (const socket of webSockets) socket.end(closing(1001))
  }
  return { server, stop }
}

function answerer(
  options: BackendOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const startedAt = Date.now()
  const counts = new Map<string, number>()
  const fails = errorSpreader()
  const connectionOf = connectionNumbers()
  let knobs = START_KNOBS

  return async (request, response) => {
    const connection = connectionOf(request.socket)
    // No URL parser: what a gateway lets through (`//x`, `/%2e`) must come back as it arrived.
    const [path = '/', ...search] = (request.url ?? '/').split('?')
    const query = new URLSearchParams(search.join('?'))
    if (path === '/__knobs') {
      const turned = request.method === 'POST' ? turnKnobs(knobs, await readJson(request)) : knobs
      knobs = turned ?? knobs
      if (turned !== null) sendJson(response, 200, knobs)
      else
        sendJson(response, 400, { error: 'the body must be a JSON object of errorRatio, latencyMs, healthy' })
      return
    }
    const bytes = await bodyLength(request)
    if (knobs.latencyMs > 0) await delay(knobs.latencyMs)
    const id = query.get('count')
    if (id !== null) counts.set(id, (counts.get(id) ?? 0) + 1)
    const orders = ordersOf(query, options.host)
    if (path === '/health')
      sendJson(response, knobs.healthy ? 200 : 503, healthReport(options, knobs.healthy, startedAt))
    else if (path === '/__counts') sendJson(response, 200, Object.fromEntries(counts))
    else if (fails(knobs.errorRatio)) sendJson(response, 500, { error: 'as the knob says', ...options })
    else if (path === '/version') sendJson(response, 200, options)
    else if (orders === null)
      sendJson(response, 400, { error: 'the query orders what cannot be done', ...options })
    else await obey(orders, request, response, { bytes, connection, ...options })
  }
}

/** Numbers connections in the order of their first requests: two requests with one number came over one connection. */
function connectionNumbers(): (socket: Socket) => number {
  const numbers = new WeakMap<Socket, number>()
  let last = 0
  return (socket) => {
    const number = numbers.get(socket) ?? (last += 1)
    numbers.set(socket, number)
    return number
  }
}

/** Answers as the request's orders say: an echo in one piece, a stream of lines, or a broken header. */
async function obey(
  orders: Orders,
  request: IncomingMessage,
  response: ServerResponse,
  more: object,
): Promise<void> {
  if (orders.delayMs > 0) await delay(orders.delayMs)
  if (orders.breaks) {
    request.socket.end('HTTP/1.1 200 OK\r\nContent-Ty')
    return
  }
  for (const [name, value] of orders.headers) response.appendHeader(name, value)
  if (orders.pieces === 0) {
    const { method, url: path, headers } = request
    sendJson(response, orders.status, { method, path, headers, ...more })
    return
  }
  response.writeHead(orders.status, { 'content-type': 'application/x-ndjson' })
  for (let piece = 1; piece <= orders.pieces; piece += 1) {
    if (piece > 1) await delay(orders.everyMs)
    response.write(`${JSON.stringify({ piece, of: orders.pieces })}\n`)
  }
  response.end()
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

async function bodyLength(request: IncomingMessage): Promise<number> {
  let length = 0
  for await (const chunk of request) length += (chunk as Buffer).length
  return length
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

function healthReport(options: BackendOptions, healthy: boolean, startedAt: number): object {
  const word = healthy ? 'healthy' : 'unhealthy'
  return {
    status: word,
    timestamp: new Date().toISOString(),
    service: options.service,
    version: options.version,
    uptime: (Date.now() - startedAt) / 1000,
    checks: { database: word, redis: 'healthy', memory: 'healthy' },
  }
}
