import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { DOMAIN, gatewayRequest, rawRequest } from './fixtures/client.js'
import { FILES, PATHS, deployBehaviour, deployLab, freshId, logLines } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'

/** Which rules a path falls under, however it is written; the gateway's own paths, long answers, files and the log. */

const lab = inject('lab')
const TOKEN = { 'X-Admin-Token': 'any' }

beforeAll(async () => {
  await deployBehaviour()
  const script = `mkdir -p ${FILES}/folder && cd ${FILES} && echo 'let app' > app.js && echo inner > folder/inner.txt &&
    mkdir -p ${FILES}-secret && echo secret > ${FILES}-secret/secret.txt`
  await Promise.all(['gw-1', 'gw-2'].map((host) => hostSays(host, script)))
})
afterAll(deployLab)

describe("the gateway's own paths", () => {
  it('`/` says what runs here', async () => {
    const answer = await gatewayRequest({ path: '/' })
    expect(answer.header('content-type')).toBe('application/json')
    expect(answer.json()).toEqual({
      service: 'insightserenity-gateway',
      version: expect.stringMatching(/./) as string,
      status: 'ok',
    })
  })

  it('`/` says the same on both gateways, so that a difference between them shows', async () => {
    const bodies = await Promise.all(
      ['gw-1', 'gw-2'].map(async (node) => (await gatewayRequest({ path: '/', node })).body),
    )
    expect(bodies[0]).toBe(bodies[1])
  })

  it('`/health` says that it is healthy, and when', async () => {
    const { status, timestamp } = (await gatewayRequest({ path: '/health' })).json() as Record<string, string>
    expect(status).toBe('healthy')
    expect(Math.abs(Date.now() - Date.parse(timestamp ?? ''))).toBeLessThan(60_000)
  })

  it('`/nginx_status` shows its figures to internal networks', async () => {
    const answer = await gatewayRequest({ path: '/nginx_status' })
    expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/^Active connections: \d+/)])
  })

  it.each([
    '/nginx_statu',
    '/nginx_status/',
    '/health/',
    '/healthz',
    '/x',
    '/api',
    '/api/v2/x',
    '/gw-error/503',
    '/gw-require/x-admin-token',
  ])('are none of %s', async (path) => {
    expect((await gatewayRequest({ path, headers: TOKEN })).errorCode).toBe('NOT_FOUND')
  })
})

describe('a path', () => {
  it.each([
    ['/api/v1/orders', 'customer-server'],
    ['/api/v1/', 'customer-server'],
    ['/api/v1/adminx/', 'customer-server'],
    ['/api/v1/admin/users', 'admin-server'],
    ['/api/v1/admin/', 'admin-server'],
  ])('goes to the pool of its longest route, as it was asked for: %s', async (path, service) => {
    const asked = `${path}?q=%2F%20a&b=1`
    expect((await gatewayRequest({ path: asked, headers: TOKEN })).echo()).toMatchObject({
      service,
      path: asked,
    })
  })

  it.each([
    '//api//v1/admin/',
    '/api/v1/x/../admin/',
    '/api/v1/./admin/',
    '/api/v1/%61dmin/',
    '/api/v1/admin%2f',
    '/api/v1/x/..%2fadmin/',
    '/api/v1/x/%2e%2e/admin/',
    '/%2e/api/v1/admin/users',
    '/api/v1/admin/x/..',
    '/static/../api/v1/admin/',
  ])('falls under the rules of the route that it leads to: %s', async (path) => {
    expect((await gatewayRequest({ path })).errorCode).toBe('UNAUTHORIZED')
    expect((await gatewayRequest({ path, headers: TOKEN })).echo().service).toBe('admin-server')
  })

  it('of a route without its slash reaches no other pool than with it', async () => {
    const answer = await gatewayRequest({ path: '/api/v1/admin' })
    expect(answer.status).toBeOneOf([301, 401, 404])
    if (answer.status === 301) expect(answer.header('location')).toBe('/api/v1/admin/')
    const above = await gatewayRequest({ path: '/api/v1' })
    expect(above.status).toBeOneOf([301, 404])
  })

  it.each(['/api/v1/%00', '/%', '/%zz', '/api/v1/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/../etc/passwd'])(
    'that makes no sense is refused: %s',
    async (path) => {
      const answer = await gatewayRequest({ path })
      expect([400, 404]).toContain(answer.status)
      expect(answer.errorCode).toBeDefined()
    },
  )

  it('is closed to clients from elsewhere before a token is asked for', async () => {
    expect((await gatewayRequest({ path: `${PATHS.closed}x` })).errorCode).toBe('FORBIDDEN')
    expect((await gatewayRequest({ path: `${PATHS.closed}x`, headers: TOKEN })).errorCode).toBe('FORBIDDEN')
  })

  it.each(['', ' '])('that needs a token is not opened by an empty one: %j', async (token) => {
    expect(
      (await gatewayRequest({ path: `${PATHS.admin}x`, headers: { 'X-Admin-Token': token } })).status,
    ).toBe(401)
  })

  it('that needs a token takes bodies of any method with it', async () => {
    const body = 'x'.repeat(100_000)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await gatewayRequest({ path: `${PATHS.admin}x`, method, headers: TOKEN, body })
      expect(answer.echo()).toMatchObject({ method, bytes: body.length })
    }
    const refused = await gatewayRequest({ path: `${PATHS.admin}x`, method: 'POST', body })
    expect(refused.errorCode).toBe('UNAUTHORIZED')
  })
})

describe('a long answer', () => {
  const spread = (pieces: readonly { atMs: number }[]): number =>
    (pieces.at(-1)?.atMs ?? 0) - (pieces[0]?.atMs ?? 0)

  it('arrives on a streaming route as it is sent, and is not cut while something comes', async () => {
    // Longer as a whole than the route waits for each piece.
    const answer = await gatewayRequest({ path: `${PATHS.stream}x?pieces=6&every=400` })
    expect(answer.body.trimEnd().split('\n')).toHaveLength(6)
    expect(answer.pieces.length).toBeGreaterThan(2)
    expect(spread(answer.pieces)).toBeGreaterThan(1000)
  })

  it('arrives elsewhere when it is whole, which shows that the route makes the difference', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.exports}x?pieces=6&every=100` })
    expect(answer.body.trimEnd().split('\n')).toHaveLength(6)
    expect(spread(answer.pieces)).toBeLessThan(300)
  })

  it('is waited for as long as its route says', async () => {
    const [patient, impatient] = await Promise.all([
      gatewayRequest({ path: `${PATHS.exports}x?delay=2000` }),
      gatewayRequest({ path: `${PATHS.slow}x?delay=2000` }),
    ])
    expect(patient.status).toBe(200)
    expect([impatient.status, impatient.errorCode]).toEqual([504, 'GATEWAY_TIMEOUT'])
  })
})

describe('files', () => {
  const file = (path: string, method = 'GET') => gatewayRequest({ path: `${PATHS.files}${path}`, method })

  it('are served for long', async () => {
    const answer = await file('app.js')
    expect([answer.status, answer.body]).toEqual([200, 'let app\n'])
    expect(answer.header('cache-control')).toBe('public, max-age=2592000, immutable')
    expect(answer.header('content-type')).toBe('application/javascript')
    expect((await file('folder/inner.txt')).body).toBe('inner\n')
  })

  it('that are not there are not to be remembered', async () => {
    const answer = await file('none.js')
    expect([answer.errorCode, answer.header('cache-control')]).toEqual(['NOT_FOUND', undefined])
  })

  it('are not listed', async () => {
    for (const path of ['', 'folder/']) expect((await file(path)).errorCode).toBe('FORBIDDEN')
  })

  it.each([
    '..%2f..%2f..%2fetc/passwd',
    '../../../etc/passwd',
    '..%2fgw-test-secret/secret.txt',
    '%2e%2e/%2e%2e/passwd',
    '..%5c..%5cetc/passwd',
    '....//....//etc/passwd',
  ])('lead to nothing outside their folder: %s', async (path) => {
    expect((await file(path)).errorCode).toBeOneOf(['NOT_FOUND', 'BAD_REQUEST'])
  })

  it('lead to nothing beside their folder: a path that only begins like theirs is another', async () => {
    for (const path of [
      '/static../gw-test-secret/secret.txt',
      '/static-secret/secret.txt',
      '/static..%2fgw-test-secret/secret.txt',
    ]) {
      expect((await gatewayRequest({ path })).errorCode).toBeOneOf(['NOT_FOUND', 'BAD_REQUEST'])
    }
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('can only be read: %s', async (method) => {
    const answer = await file('app.js', method)
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('compression', () => {
  const long = `${PATHS.customer}x?${'x'.repeat(2000)}`

  it('is done for JSON where the client accepts it, and told to caches', async () => {
    const answer = await gatewayRequest({ path: long, headers: { 'Accept-Encoding': 'gzip' } })
    expect([answer.header('content-encoding'), answer.header('vary')]).toEqual(['gzip', 'Accept-Encoding'])
    expect(JSON.parse(gunzipSync(answer.bytes).toString('utf8'))).toMatchObject({ path: long })
  })

  it('is not done where the client does not accept it', async () => {
    const answer = await gatewayRequest({ path: long })
    expect(answer.header('content-encoding')).toBeUndefined()
    expect(answer.echo().path).toBe(long)
  })
})

describe('the access log', () => {
  it('has one line of JSON for each request, whatever a client writes into it', async () => {
    const hostile = [
      '"}\\',
      '{"status":"200"}',
      '\x01\x1f\t\x7f',
      '\u00ff\u00fe',
      '\\u0000\\x22',
      '$(id)`id`',
      '</script>',
      "'\\''",
    ]
    const id = freshId()
    for (const text of hostile) {
      const headers = [
        `Host: ${DOMAIN}`,
        `X-Request-ID: ${id}`,
        `User-Agent: ${text}`,
        `Referer: ${text}`,
        'Connection: close',
      ]
      // Not to a backend, which would refuse some of this.
      const uri = `/?a="b"\\&c=%22%0a&d=${encodeURIComponent(text)}`
      expect((await rawRequest(`GET ${uri} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)).status).toBe(200)
    }
    await expect.poll(() => logLines(id)).toHaveLength(hostile.length)
    for (const line of await logLines(id)) {
      expect(line).toMatchObject({ request_id: id, status: '200', method: 'GET', client: `${lab.prefix}.1` })
      expect(line['uri']).toContain('a="b"\\&c=%22%0a')
    }
  })

  it('has only lines of JSON after all that', async () => {
    for (const host of ['gw-1', 'gw-2']) {
      const lines = (await hostSays(host, 'cat /var/log/nginx/access.log'))
        .split('\n')
        .filter((line) => line !== '')
      expect(lines.filter((line) => !isJson(line))).toEqual([])
    }
  })

  function isJson(line: string): boolean {
    try {
      return typeof JSON.parse(line) === 'object'
    } catch {
      return false
    }
  }
})
