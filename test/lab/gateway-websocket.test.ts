import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DOMAIN, gatewayRequest, rawRequestsInTurn } from './fixtures/client.js'
import { PATHS, deployBehaviour, deployLab, freshId, logLines } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { openWebSocket } from './fixtures/websocket-client.js'

/** WebSockets through the gateway, and the pool that keeps a client on one server. */

const lab = ownLab()

beforeAll(() => deployBehaviour())
afterAll(deployLab)

const cookie = (key: string) => ({ Cookie: `gw_websocket=${key}` })

/** The server that a new WebSocket reaches. */
async function serverOf(path: string, headers = {}): Promise<string> {
  const socket = await openWebSocket(path, headers)
  const { host } = await socket.echo('who are you')
  await socket.close()
  return host
}

async function serversOf(count: number, path: string, headers = {}): Promise<Set<string>> {
  const hosts = new Set<string>()
  for (let asked = 0; asked < count; asked += 1) hosts.add(await serverOf(path, headers))
  return hosts
}

/** Makes both gateways read their configuration again, and waits until they have. */
async function reload(): Promise<void> {
  const workers = 'pgrep -P "$(cat /run/nginx.pid)" | sort'
  await Promise.all(
    ['gw-1', 'gw-2'].map(async (host) => {
      const before = await hostSays(host, workers)
      await hostSays(host, 'systemctl reload nginx')
      await expect.poll(() => hostSays(host, workers)).not.toBe(before)
    }),
  )
}

describe('a WebSocket', () => {
  it.each([PATHS.webSocket, `${PATHS.socketIo}?EIO=4&transport=websocket`])(
    'is passed on, both ways: %s',
    async (path) => {
      const id = freshId()
      const socket = await openWebSocket(path, { 'X-Request-ID': id })
      expect(socket.handshake.status).toBe(101)
      expect(socket.handshake.header('x-request-id')).toBe(id)
      for (const text of ['one', 'x'.repeat(20_000), 'ünï']) {
        expect(await socket.echo(text)).toMatchObject({ service: 'customer-server', path, text })
      }
      await socket.ping()
      expect(await socket.close()).toBe(1000)
      await expect.poll(() => logLines(id)).toMatchObject([{ status: '101' }])
    },
  )

  it('is upgraded on its routes only', async () => {
    await expect(openWebSocket(`${PATHS.customer}x`)).rejects.toThrow('200')
    await expect(openWebSocket('/ws/below')).rejects.toThrow('404')
  })

  it('leaves other requests on its path what they are', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.socketIo}?transport=polling` })
    expect([answer.status, answer.echo().headers['upgrade']]).toEqual([200, undefined])
  })

  const asked = (path: string, ...headers: string[]): string =>
    `${[`GET ${path} HTTP/1.1`, `Host: ${DOMAIN}`, ...headers].join('\r\n')}\r\n\r\n`

  it.each(['WebSocket', 'WEBSOCKET'])('is asked for in letters of any size: %s', async (protocol) => {
    const headers = ['Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==', 'Sec-WebSocket-Version: 13']
    const [answer] = await rawRequestsInTurn([
      asked(PATHS.webSocket, `Upgrade: ${protocol}`, 'Connection: Upgrade', ...headers),
    ])
    expect([answer?.status, answer?.header('upgrade')]).toEqual([101, 'websocket'])
  })

  // By such a tunnel requests would get past every rule of the gateway.
  it.each(['h2c', 'anything', 'websocket, h2c', 'websockets', 'TLS/1.2'])(
    'is the only thing that a connection can turn into: %s',
    async (protocol) => {
      const settings = 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'
      const id = freshId()
      const [first, second] = await rawRequestsInTurn([
        asked(PATHS.webSocket, `Upgrade: ${protocol}`, 'Connection: Upgrade, HTTP2-Settings', settings),
        asked(`${PATHS.admin}x`, `X-Request-ID: ${id}`),
      ])
      expect(first?.status).toBe(200)
      for (const name of ['upgrade', 'http2-settings', 'connection'])
        expect(first?.echo().headers[name]).toBeUndefined()
      expect([second?.errorCode, second?.header('x-request-id')]).toEqual(['UNAUTHORIZED', id])
    },
  )

  it('stays open when NGINX reads its configuration again', async () => {
    const socket = await openWebSocket(PATHS.webSocket)
    const before = await socket.echo('before')
    await reload()
    expect(await socket.echo('after')).toMatchObject({ host: before.host, text: 'after' })
    await socket.close()
  })
})

describe('a sticky pool', () => {
  it('keeps a client with its cookie on one server, on every path of the pool', async () => {
    const headers = cookie('192.0.2.7')
    const hosts = await serversOf(20, PATHS.webSocket, headers)
    expect(hosts.size).toBe(1)
    expect(await serversOf(3, PATHS.socketIo, headers)).toEqual(hosts)
    const polled = await gatewayRequest({ path: `${PATHS.socketIo}?transport=polling`, headers })
    expect(new Set([polled.echo().host])).toEqual(hosts)
  })

  it('spreads other clients over its servers', async () => {
    const hosts = new Set<string>()
    for (let client = 1; client <= 20; client += 1)
      hosts.add(await serverOf(PATHS.webSocket, cookie(`192.0.2.${client}`)))
    expect(hosts.size).toBeGreaterThan(1)
  })

  it('goes by the address of a client without a cookie, and gives it the cookie that leads to the same server', async () => {
    const socket = await openWebSocket(PATHS.webSocket)
    const { host } = await socket.echo('x')
    await socket.close()
    const set = socket.handshake.header('set-cookie') ?? ''
    expect(set.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=1800',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ])
    expect(await serversOf(5, PATHS.webSocket)).toEqual(new Set([host]))
    expect(await serverOf(PATHS.webSocket, { Cookie: set.split('; ')[0] })).toBe(host)
  })

  it('keeps the cookie of a client whose address is another by now', async () => {
    const socket = await openWebSocket(PATHS.webSocket, cookie('192.0.2.99'))
    expect(socket.handshake.header('set-cookie')).toMatch(/^gw_websocket=192\.0\.2\.99;/)
    await socket.close()
  })

  it('takes nothing for its cookie that could not be its own', async () => {
    const byAddress = await serverOf(PATHS.webSocket)
    for (const key of ['x%0d%0aSet-Cookie:a=b', 'evil; Path=/x', 'x'.repeat(500)]) {
      const socket = await openWebSocket(PATHS.webSocket, { Cookie: `gw_websocket=${key}` })
      expect((await socket.echo('x')).host).toBe(byAddress)
      expect(socket.handshake.header('set-cookie')).toMatch(new RegExp(`^gw_websocket=${lab.prefix}.1;`))
      await socket.close()
    }
  })

  it('is the same on both gateways, and after NGINX has read its configuration again', async () => {
    const headers = cookie('192.0.2.8')
    const path = `${PATHS.socketIo}?transport=polling`
    const host = await serverOf(PATHS.webSocket, headers)
    for (const node of ['gw-1', 'gw-2']) {
      expect((await gatewayRequest({ path, headers, node })).echo().host).toBe(host)
    }
    await reload()
    expect(await serversOf(3, PATHS.webSocket, headers)).toEqual(new Set([host]))
  })
})
