import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Echo } from './fixtures/answer.js'
import { DOMAIN, gatewayRequest, rawRequest } from './fixtures/client.js'
import { PATHS, deployBehaviour, deployLab, freshId, logLines } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { Http2Client } from './fixtures/http2-client.js'
import { ownLab } from './fixtures/lab.js'
import { openWebSocket } from './fixtures/websocket-client.js'

/** What backends and the access log learn of a client, and what a client cannot make them believe. */

const lab = ownLab()
/** The address that this machine has on the lab's network. */
const CLIENT = `${lab.prefix}.1`

const TOKEN = { 'X-Admin-Token': 'any' }
const SPOOFED = {
  'X-User-ID': '1',
  'x-tenant-id': '1',
  'X-USER-ROLE': 'superadmin',
  'x-Auth-User': 'root',
  'X-auth-role': 'superadmin',
  Forwarded: 'for=203.0.113.7;proto=http',
  'X-Forwarded-Port': '1',
  'X-Forwarded-Server': 'evil.example',
  'X-Forwarded-Prefix': '/evil',
  'X-Original-URL': '/api/v1/admin/',
  'X-Rewrite-URL': '/api/v1/admin/',
  Proxy: 'http://evil.example',
}

afterAll(deployLab)

describe('the gateway between a client and a backend', () => {
  beforeAll(() => deployBehaviour())

  const spoofedNames = Object.keys(SPOOFED).map((name) => name.toLowerCase())
  const reached = ({ headers }: Pick<Echo, 'headers'>): string[] =>
    spoofedNames.filter((name) => headers[name] !== undefined)

  it.each([PATHS.customer, PATHS.admin, PATHS.stream, PATHS.exports, PATHS.cached, PATHS.steady])(
    'passes on nothing that speaks in its own name, in whatever case: %s',
    async (path) => {
      const answer = await gatewayRequest({
        path: `${path}${freshId()}`,
        headers: { ...SPOOFED, ...TOKEN, 'X-Kept': 'yes' },
      })
      expect(reached(answer.echo())).toEqual([])
      expect(answer.echo().headers['x-kept']).toBe('yes')
    },
  )

  it('passes on nothing of it over HTTP/2 and in the handshake of a WebSocket either', async () => {
    const lowered = Object.fromEntries(
      Object.entries(SPOOFED).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const client = await Http2Client.connect()
    const answer = await client.request(`${PATHS.customer}x`, lowered)
    client.close()
    expect(reached(answer.echo())).toEqual([])
    const socket = await openWebSocket(PATHS.webSocket, SPOOFED)
    expect(reached(await socket.echo('x'))).toEqual([])
    await socket.close()
  })

  it('says who the client is, once, whatever the client says itself', async () => {
    const { headers } = (
      await gatewayRequest({
        path: `${PATHS.customer}x`,
        headers: {
          'X-Forwarded-For': ['203.0.113.7', '203.0.113.8'],
          'X-Real-IP': '203.0.113.7',
          'X-Forwarded-Proto': 'http',
          'X-Forwarded-Host': 'evil.example',
        },
      })
    ).echo()
    expect(headers).toMatchObject({
      'x-forwarded-for': CLIENT,
      'x-real-ip': CLIENT,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': DOMAIN,
      host: DOMAIN,
    })
  })

  it('takes the host from the request line where that names one, as HTTP has it', async () => {
    const ask = (url: string, host: string) =>
      rawRequest(`GET ${url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const answer = await ask(`http://${DOMAIN}${PATHS.customer}x`, 'evil.example')
    expect(answer.body).toContain(`"host":"${DOMAIN}"`)
    expect(answer.body).not.toContain('evil')
    expect((await ask(`http://evil.example${PATHS.customer}x`, DOMAIN)).status).toBe(421)
  })

  it('drops headers with an underscore, which some backends take for a dash', async () => {
    const { headers } = (
      await gatewayRequest({
        path: `${PATHS.customer}x`,
        headers: { X_User_ID: '1', 'X_Auth-Role': 'superadmin' },
      })
    ).echo()
    expect(Object.keys(headers).filter((name) => name.includes('_'))).toEqual([])
  })

  it('passes on Authorization and cookies untouched', async () => {
    const own = { Authorization: 'Bearer a.b.c', Cookie: 'session=1; other=2' }
    const { headers } = (await gatewayRequest({ path: `${PATHS.customer}x`, headers: own })).echo()
    expect(headers).toMatchObject({ authorization: 'Bearer a.b.c', cookie: 'session=1; other=2' })
  })

  it.each([
    'Transfer-Encoding: chunked, identity\r\n',
    'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n',
  ])('lets nobody smuggle a second request in: %j', async (framing) => {
    const smuggled = `GET ${PATHS.admin}smuggled HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`
    const answer = await rawRequest(
      `POST ${PATHS.customer}x HTTP/1.1\r\nHost: ${DOMAIN}\r\n${framing}\r\n0\r\n\r\n${smuggled}`,
    )
    expect(answer.status).toBeOneOf([400, 501])
  })
})

describe("a request's id", () => {
  const ask = (id?: string) =>
    gatewayRequest({ path: `${PATHS.customer}x`, headers: id === undefined ? {} : { 'X-Request-ID': id } })

  it('is kept when it is sane: the same in the answer, at the backend and in the access log', async () => {
    const id = `Order_${freshId()}.v1`
    const answer = await ask(id)
    expect(answer.header('x-request-id')).toBe(id)
    expect(answer.echo().headers['x-request-id']).toBe(id)
    await expect
      .poll(() => logLines(id))
      .toMatchObject([{ request_id: id, uri: `${PATHS.customer}x`, status: '200' }])
  })

  it('is made when there is none, and is the same everywhere', async () => {
    const answer = await ask()
    const id = answer.header('x-request-id') ?? ''
    expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(answer.echo().headers['x-request-id']).toBe(id)
    await expect.poll(() => logLines(id)).toHaveLength(1)
  })

  it.each([
    'short',
    'x'.repeat(129),
    'with a space in it',
    '"quoted-id"',
    "';drop table",
    'id-with-\u00e9',
    '<script>alert',
  ])('is made anew when the one of the client is not sane: %j', async (id) => {
    const answer = await ask(id)
    expect(answer.header('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(answer.echo().headers['x-request-id']).toBe(answer.header('x-request-id'))
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

describe('X-Forwarded-For of a trusted proxy', () => {
  beforeAll(() => deployBehaviour({ trusted_proxies: [`${CLIENT}/32`], internal_networks: ['10.0.0.0/8'] }))

  const from = (chain: string, path: string = PATHS.customer, headers = {}) =>
    gatewayRequest({ path: `${path}x`, headers: { 'X-Forwarded-For': chain, ...headers } })

  it('says who the client is', async () => {
    const { headers } = (await from('203.0.113.7')).echo()
    expect(headers).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-for': '203.0.113.7' })
  })

  it('counts from its end: what a client wrote before its own address is not believed', async () => {
    const { headers } = (await from(`10.9.9.9, 203.0.113.7, ${CLIENT}`)).echo()
    expect(headers).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-for': '203.0.113.7' })
  })

  it('decides who is let in where a route allows some networks only', async () => {
    expect((await from('203.0.113.7', PATHS.closed, TOKEN)).status).toBe(200)
    expect((await from('198.51.100.7', PATHS.closed, TOKEN)).status).toBe(403)
    expect((await from('203.0.113.7, 198.51.100.7', PATHS.closed, TOKEN)).status).toBe(403)
  })

  it('decides who sees the figures of NGINX, which the host itself always does', async () => {
    const status = async (chain: string) =>
      (await gatewayRequest({ path: '/nginx_status', headers: { 'X-Forwarded-For': chain } })).status
    expect([await status('10.1.2.3'), await status('203.0.113.7'), await status(CLIENT)]).toEqual([
      200, 403, 403,
    ])
    const local = `printf 'GET /nginx_status HTTP/1.0\\r\\nHost: ${DOMAIN}\\r\\n\\r\\n' |
      openssl s_client -quiet -connect 127.0.0.1:443 -servername ${DOMAIN} 2>/dev/null`
    for (const host of ['gw-1', 'gw-2']) {
      expect(await hostSays(host, local)).toMatch(/200 OK[^]*Active connections/)
    }
  })

  it('stands in the access log as the client', async () => {
    const id = freshId()
    await from('203.0.113.7', PATHS.customer, { 'X-Request-ID': id })
    await expect.poll(() => logLines(id)).toMatchObject([{ client: '203.0.113.7' }])
  })
})
