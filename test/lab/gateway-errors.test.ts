import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './fixtures/answer.js'
import { DOMAIN, gatewayRequest, plainRequest, rawRequest, rawRequestsInTurn } from './fixtures/client.js'
import { FILES, PATHS, deployBehaviour, deployLab, freshId, logLines } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { Http2Client } from './fixtures/http2-client.js'
import { ownLab } from './fixtures/lab.js'

/** Every answer of the gateway, errors above all: its form, and the headers that none of them lacks. */

const TOKEN = { 'X-Admin-Token': 'any' }
const SECURITY = [
  'Strict-Transport-Security',
  'X-Content-Type-Options',
  'X-Frame-Options',
  'Referrer-Policy',
  'Permissions-Policy',
  'Content-Security-Policy',
]
/** A backend that sets the gateway's headers itself, and boasts. */
const BOASTING = [
  ...SECURITY,
  'X-Request-ID',
  'X-Gateway-Time',
  'X-Upstream-Time',
  'X-Powered-By',
  'Server',
  'X-Cache-Status',
]
  .map((name) => `header=${name}:of-the-backend`)
  .join('&')

beforeAll(async () => {
  await deployBehaviour()
  const script = `mkdir -p ${FILES} && echo 'let app' > ${FILES}/app.js`
  await Promise.all(['gw-1', 'gw-2'].map((host) => hostSays(host, script)))
})
afterAll(deployLab)

interface Case {
  readonly what: string
  readonly status: number
  /** The code of the gateway's own JSON; without one the answer is not an error of the gateway. */
  readonly code?: string
  readonly ask: () => Promise<Answer>
}

const get =
  (path: string, headers = {}) =>
  (): Promise<Answer> =>
    gatewayRequest({ path, headers })
const head = (line: string, ...headers: string[]): string =>
  `${[line, ...headers].join('\r\n')}\r\nConnection: close\r\n\r\n`

/** The last of more requests than the route lets in. */
async function tooMany(): Promise<Answer> {
  const path = `${PATHS.limited}x`
  for (let before = 0; before < 6; before += 1) await gatewayRequest({ path })
  return gatewayRequest({ path })
}

const CASES: readonly Case[] = [
  { what: 'an answer of the gateway itself', status: 200, ask: get('/') },
  { what: 'its health', status: 200, ask: get('/health') },
  { what: 'its figures', status: 200, ask: get('/nginx_status') },
  { what: 'an answer of a backend', status: 200, ask: get(`${PATHS.customer}x?${BOASTING}`) },
  { what: 'an error of a backend', status: 500, ask: get(`${PATHS.customer}x?status=500&${BOASTING}`) },
  { what: 'an unbuffered answer', status: 200, ask: get(`${PATHS.stream}x?${BOASTING}`) },
  { what: 'an answer that may be cached', status: 200, ask: get(`${PATHS.cached}x?${BOASTING}`) },
  { what: 'the same from the cache', status: 200, ask: get(`${PATHS.cached}x?${BOASTING}`) },
  { what: 'a file', status: 200, ask: get(`${PATHS.files}app.js`) },
  { what: 'no file', status: 404, code: 'NOT_FOUND', ask: get(`${PATHS.files}none.js`) },
  { what: 'a folder of files', status: 403, code: 'FORBIDDEN', ask: get(PATHS.files) },
  {
    what: 'a malformed request',
    status: 400,
    code: 'BAD_REQUEST',
    ask: () => rawRequest('GET / HTTP/1.1 oops\r\n\r\n'),
  },
  {
    what: 'a request without Host',
    status: 400,
    code: 'BAD_REQUEST',
    ask: () => rawRequest(head('GET / HTTP/1.1')),
  },
  { what: 'no token', status: 401, code: 'UNAUTHORIZED', ask: get(`${PATHS.admin}x`) },
  { what: 'a forbidden client', status: 403, code: 'FORBIDDEN', ask: get(`${PATHS.closed}x`, TOKEN) },
  { what: 'an unknown path', status: 404, code: 'NOT_FOUND', ask: get('/unknown') },
  {
    what: 'another method',
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    ask: () => gatewayRequest({ path: `${PATHS.getOnly}x`, method: 'POST' }),
  },
  {
    what: 'a large body',
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    ask: () => gatewayRequest({ path: `${PATHS.small}x`, method: 'POST', body: 'x'.repeat(2000) }),
  },
  {
    what: 'a long URI',
    status: 414,
    code: 'URI_TOO_LONG',
    ask: () => rawRequest(head(`GET /${'x'.repeat(9000)} HTTP/1.1`, `Host: ${DOMAIN}`)),
  },
  {
    what: 'another host',
    status: 421,
    code: 'MISDIRECTED_REQUEST',
    ask: get(`${PATHS.customer}x`, { Host: 'other.example' }),
  },
  { what: 'too many requests', status: 429, code: 'RATE_LIMIT_EXCEEDED', ask: tooMany },
  {
    what: 'long headers',
    status: 431,
    code: 'REQUEST_HEADERS_TOO_LARGE',
    ask: () =>
      rawRequest(
        head(
          'GET / HTTP/1.1',
          `Host: ${DOMAIN}`,
          ...Array.from({ length: 4 }, (_, at) => `X-${at}: ${'x'.repeat(6000)}`),
        ),
      ),
  },
  {
    what: 'a long header',
    status: 431,
    code: 'REQUEST_HEADERS_TOO_LARGE',
    ask: () => rawRequest(head('GET / HTTP/1.1', `Host: ${DOMAIN}`, `X: ${'x'.repeat(20_000)}`)),
  },
  {
    what: 'a body coded in an unknown way',
    status: 501,
    code: 'NOT_IMPLEMENTED',
    ask: () => rawRequest(head('POST / HTTP/1.1', `Host: ${DOMAIN}`, 'Transfer-Encoding: xchunked')),
  },
  {
    what: 'a version of HTTP that is none',
    status: 505,
    code: 'HTTP_VERSION_NOT_SUPPORTED',
    ask: () => rawRequest(head('GET / HTTP/3.0', `Host: ${DOMAIN}`)),
  },
  { what: 'a path with dot segments', status: 400, code: 'BAD_REQUEST', ask: get(`${PATHS.customer}x/..`) },
  { what: 'an answer that is none', status: 502, code: 'BAD_GATEWAY', ask: get(`${PATHS.steady}x?break=1`) },
  { what: 'no backend', status: 503, code: 'SERVICE_UNAVAILABLE', ask: get(`${PATHS.gone}x`) },
  { what: 'a slow backend', status: 504, code: 'GATEWAY_TIMEOUT', ask: get(`${PATHS.slow}x?delay=3000`) },
]

describe.each(CASES)('$what: $status', ({ status, code, ask }) => {
  it(`has every header of the gateway once${code === undefined ? '' : ', and says so in JSON'}`, async () => {
    const answer = await ask()
    expect(answer.status).toBe(status)
    const once = [...SECURITY, 'X-Request-ID', 'X-Gateway-Time', 'Content-Type', 'Server']
    expect(once.filter((name) => answer.all(name).length !== 1)).toEqual([])
    expect(SECURITY.filter((name) => answer.header(name) === 'of-the-backend')).toEqual([])
    expect(answer.header('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(answer.header('x-gateway-time')).toMatch(/^\d+\.\d{3}$/)
    expect(answer.header('server')).toBe('nginx')
    expect(answer.header('x-powered-by')).toBeUndefined()
    if (code === undefined) return
    expect(answer.header('content-type')).toBe('application/json')
    expect(answer.json()).toEqual({
      success: false,
      error: {
        code,
        message: expect.stringMatching(/^[A-Z].*\.$/) as string,
        request_id: answer.header('x-request-id'),
      },
    })
  })
})

describe('the headers of every answer', () => {
  it('have the values of the design', async () => {
    const answer = await gatewayRequest({ path: '/' })
    expect(Object.fromEntries(SECURITY.map((name) => [name, answer.header(name)]))).toEqual({
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'strict-origin-when-cross-origin',
      'Permissions-Policy': 'geolocation=(), microphone=(), camera=()',
      'Content-Security-Policy': "default-src 'self'",
    })
  })

  it('are on the way from port 80, too, but for the one that belongs to TLS', async () => {
    const answer = await plainRequest({ path: '/x' })
    expect(answer.status).toBe(301)
    const counts = [...SECURITY, 'X-Request-ID', 'Content-Type'].map((name) => [
      name,
      answer.all(name).length,
    ])
    expect(Object.fromEntries(counts)).toEqual({
      ...Object.fromEntries([...SECURITY, 'X-Request-ID', 'Content-Type'].map((name) => [name, 1])),
      'Strict-Transport-Security': 0,
    })
  })

  it('are the same over HTTP/2', async () => {
    const client = await Http2Client.connect()
    const answers = await Promise.all([
      ...['/', '/unknown', `${PATHS.customer}x`, `${PATHS.gone}x`].map((path) => client.request(path)),
      client.request('/', { ':authority': 'other.example' }),
    ])
    client.close()
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 503, 421])
    for (const answer of answers) {
      expect(
        [...SECURITY, 'X-Request-ID', 'Content-Type'].filter((name) => answer.all(name).length !== 1),
      ).toEqual([])
    }
  })

  it('are on each answer of a connection that is used again and again', async () => {
    const paths = [
      '/',
      '/unknown',
      `${PATHS.customer}x`,
      `${PATHS.admin}x`,
      `${PATHS.files}app.js`,
      '/health',
    ]
    const answers = await rawRequestsInTurn(
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 401, 200, 200])
    for (const answer of answers) expect(SECURITY.filter((name) => answer.all(name).length !== 1)).toEqual([])
  })

  it('tell the times of the gateway and of the backend, both of which passed', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.customer}x?delay=150` })
    expect(Number(answer.header('x-upstream-time'))).toBeGreaterThanOrEqual(0.149)
    expect(Number(answer.header('x-gateway-time'))).toBeGreaterThanOrEqual(0.149)
    expect((await gatewayRequest({ path: '/' })).header('x-upstream-time')).toBeUndefined()
  })

  it('leave the request id of the client on an error as well', async () => {
    const id = freshId()
    const answer = await gatewayRequest({ path: '/unknown', headers: { 'X-Request-ID': id } })
    expect(answer.json()).toMatchObject({ error: { request_id: id } })
  })
})

describe('an error', () => {
  it('is logged as any other request', async () => {
    const id = freshId()
    await gatewayRequest({ path: `${PATHS.gone}x`, headers: { 'X-Request-ID': id } })
    await expect.poll(() => logLines(id)).toMatchObject([{ status: '503', uri: `${PATHS.gone}x` }])
  })

  it('of TRACE, which would show what only the gateway may say, is JSON as well', async () => {
    const answer = await rawRequest(head(`TRACE ${PATHS.customer}x HTTP/1.1`, `Host: ${DOMAIN}`))
    expect([answer.status, answer.errorCode]).toEqual([405, 'METHOD_NOT_ALLOWED'])
  })

  it('is never that of another location to which a backend would send the request', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.customer}x?header=X-Accel-Redirect:/health` })
    expect(answer.status).toBe(200)
    expect(answer.echo().path).toContain('/x?header=')
    expect(answer.header('x-accel-redirect')).toBeUndefined()
  })

  it('405 says which methods are allowed', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.getOnly}x`, method: 'DELETE' })
    expect(answer.header('allow')).toBe('GET, HEAD')
    expect((await gatewayRequest({ path: `${PATHS.getOnly}x`, method: 'HEAD' })).status).toBe(200)
  })

  it('503 says when to come again', async () => {
    expect((await gatewayRequest({ path: `${PATHS.gone}x` })).header('retry-after')).toBe('30')
    const posted = await gatewayRequest({ path: `${PATHS.gone}x`, method: 'POST', body: '{}' })
    expect([posted.errorCode, posted.header('retry-after')]).toEqual(['SERVICE_UNAVAILABLE', '30'])
  })

  it('502 is no 503, however many backends broke off', async () => {
    // On connections that NGINX kept it tries all servers, and then there is none left to connect to.
    for (let request = 0; request < 12; request += 1) {
      expect((await gatewayRequest({ path: `${PATHS.steady}x?break=1` })).errorCode).toBe('BAD_GATEWAY')
      await gatewayRequest({ path: `${PATHS.steady}x` })
    }
  })

  it.each([400, 401, 404, 405, 409, 413, 422, 429, 500, 502, 503, 504])(
    'of a backend, %i, passes through untouched',
    async (status) => {
      const answer = await gatewayRequest({ path: `${PATHS.steady}x?status=${status}&header=Retry-After:7` })
      expect(answer.status).toBe(status)
      expect(answer.echo().service).toBe('customer-server')
      expect(answer.header('retry-after')).toBe('7')
    },
  )

  it('of a connection that speaks no TLS is an answer as well', async () => {
    const address = `http://${ownLab().virtualIp}:443/`
    const answer = await fetch(address, { signal: AbortSignal.timeout(5000) })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/json'])
  })
})
