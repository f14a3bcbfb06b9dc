import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutgoingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { gatewayRequest } from './fixtures/client.js'
import {
  ADMINS,
  PATHS,
  deployBehaviour,
  deployLab,
  freshId,
  reachedCustomers,
  withoutBackends,
} from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'

/** What the gateway keeps of answers, above all what it does not; and what it compresses. */

beforeAll(() => deployBehaviour())
afterAll(deployLab)

interface Asked {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly orders?: string
  readonly path?: string
}

/** Asks in turn for one URI, which no other test asks for; tells what the cache said and how many reached a backend. */
async function askInTurn(...asked: readonly Asked[]) {
  const id = freshId()
  const said = []
  for (const { method, headers, orders = '', path = PATHS.cached } of asked) {
    const uri = `${path}x?count=${id}${orders}`
    const answer = await gatewayRequest({ path: uri, ...(method && { method }), ...(headers && { headers }) })
    said.push(answer.header('x-cache-status'))
  }
  return { said, reached: await reachedCustomers(id) }
}

const WITH_AUTHORIZATION = { headers: { Authorization: 'Bearer a' } }
const WITH_COOKIE = { headers: { Cookie: 'session=1' } }
const STICKY = 'gw_websocket=192.0.2.7'

describe('an answer of a cached route', () => {
  it('is kept, and given to everybody who asks for the same', async () => {
    expect(await askInTurn({}, {}, {})).toEqual({ said: ['MISS', 'HIT', 'HIT'], reached: 1 })
  })

  it('is kept for HEAD as for GET', async () => {
    expect(await askInTurn({}, { method: 'HEAD' })).toEqual({ said: ['MISS', 'HIT'], reached: 1 })
  })

  it('is asked for once by many at once', async () => {
    const id = freshId()
    const path = `${PATHS.cached}x?count=${id}&delay=300`
    const answers = await Promise.all(Array.from({ length: 8 }, () => gatewayRequest({ path })))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
    expect(await reachedCustomers(id)).toBe(1)
  })

  it.each([
    ['Authorization', WITH_AUTHORIZATION],
    ['a cookie', WITH_COOKIE],
    // Where it is told what to leave out of its cache, NGINX takes a lone `0` for nothing.
    ['an Authorization of 0', { headers: { Authorization: '0' } }],
  ])('is not kept when the request had %s', async (_what, personal) => {
    expect(await askInTurn(personal, {}, personal)).toEqual({
      said: ['BYPASS', 'MISS', 'BYPASS'],
      reached: 3,
    })
  })

  it.each([
    ['Authorization', WITH_AUTHORIZATION],
    ['a cookie', WITH_COOKIE],
    // Where it is told what to leave out of its cache, NGINX takes a lone `0` for nothing.
    ['an Authorization of 0', { headers: { Authorization: '0' } }],
  ])('is not taken from the cache for a request with %s', async (_what, personal) => {
    expect(await askInTurn({}, personal, {})).toEqual({ said: ['MISS', 'BYPASS', 'HIT'], reached: 2 })
  })

  it('is neither kept nor taken from the cache where the route requires a header', async () => {
    const token = { path: PATHS.cachedAdmin, headers: { 'X-Admin-Token': 'any' } }
    expect(await askInTurn(token, token)).toEqual({ said: ['BYPASS', 'BYPASS'], reached: 2 })
    expect(await askInTurn(token, { path: PATHS.cachedAdmin })).toMatchObject({ reached: 1 })
  })

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'is neither kept nor taken from the cache for %s',
    async (method) => {
      const { said, reached } = await askInTurn({ method }, {}, { method }, {})
      expect([said[1], said[3], reached]).toEqual(['MISS', 'HIT', 3])
      expect([said[0], said[2]]).not.toContain('HIT')
    },
  )

  it.each([
    'header=Set-Cookie:a=b',
    'header=Cache-Control:private',
    'header=Cache-Control:no-store',
    'header=Vary:*',
    'status=404',
    'status=201',
    'status=500',
    'status=301',
    // By these a backend says how long others may keep what it answers, errors included.
    ...[401, 404, 500, 302].map((status) => `status=${status}&header=Cache-Control:max-age=600`),
    'status=500&header=X-Accel-Expires:600',
    'status=404&header=Expires:Thu,%2031%20Dec%202099%2023:59:59%20GMT',
  ])('is not kept when it came with %s', async (order) => {
    const orders = `&${order}`
    const { said, reached } = await askInTurn({ orders }, { orders })
    expect([said.includes('HIT'), reached]).toEqual([false, 2])
  })

  it('is kept when the only cookie was that of a sticky pool, which says nothing of who asks', async () => {
    const sticky = { headers: { Cookie: STICKY } }
    expect(await askInTurn(sticky, sticky, {})).toEqual({ said: ['MISS', 'HIT', 'HIT'], reached: 1 })
  })

  it.each([
    [`${STICKY}; session=1`],
    [`session=1; ${STICKY}`],
    [`${STICKY};session=1`],
    // One header for each cookie.
    [[STICKY, 'session=1']],
    ['not_gw_websocket=1'],
  ])('is not kept when there was another cookie as well: %j', async (Cookie) => {
    expect(await askInTurn({ headers: { Cookie } }, {}, { headers: { Cookie } })).toEqual({
      said: ['BYPASS', 'MISS', 'BYPASS'],
      reached: 3,
    })
  })

  it('is kept apart for each query', async () => {
    expect((await askInTurn({ orders: '&a=1' }, { orders: '&a=2' }, { orders: '&a=1' })).said).toEqual([
      'MISS',
      'MISS',
      'HIT',
    ])
  })

  it('is kept on a cached route only', async () => {
    expect((await askInTurn({ path: PATHS.steady }, { path: PATHS.steady })).reached).toBe(2)
  })

  it('carries the id of its own request, not that of the one that filled the cache', async () => {
    const path = `${PATHS.cached}x?${freshId()}`
    const [first, second] = [await gatewayRequest({ path }), await gatewayRequest({ path })]
    expect(second.header('x-cache-status')).toBe('HIT')
    expect(second.header('x-request-id')).not.toBe(first.header('x-request-id'))
  })

  it('is given when it is old while no backend is there', async () => {
    const path = `${PATHS.cachedBriefly}x?${freshId()}`
    const first = await gatewayRequest({ path })
    expect(first.header('x-cache-status')).toBe('MISS')
    await withoutBackends(ADMINS, async () => {
      const cached = async () => {
        const answer = await gatewayRequest({ path })
        expect([answer.status, answer.body]).toEqual([200, first.body])
        return answer.header('x-cache-status')
      }
      await expect.poll(cached, { timeout: 10_000 }).toBe('STALE')
      // What was never asked for before is not there.
      expect((await gatewayRequest({ path: `${PATHS.cachedBriefly}${freshId()}` })).errorCode).toBe(
        'SERVICE_UNAVAILABLE',
      )
    })
    await expect
      .poll(async () => (await gatewayRequest({ path })).header('x-cache-status'), { timeout: 10_000 })
      .toBeOneOf(['HIT', 'EXPIRED'])
  })
})

describe('compression', () => {
  const long = `${PATHS.customer}x?${'x'.repeat(2000)}`

  it('is done for JSON where the client accepts it, and told to caches', async () => {
    const answer = await gatewayRequest({ path: long, headers: { 'Accept-Encoding': 'gzip' } })
    expect([answer.header('content-encoding'), answer.header('vary')]).toEqual(['gzip', 'Accept-Encoding'])
    expect(JSON.parse(gunzipSync(answer.bytes).toString('utf8'))).toMatchObject({ path: long })
  })

  it('is done by Brotli where NGINX has a module for that, and no longer when it is gone', async () => {
    const node = 'gw-2'
    const ask = () => gatewayRequest({ path: long, headers: { 'Accept-Encoding': 'br' }, node })
    const apt = 'export DEBIAN_FRONTEND=noninteractive; apt-get -qq -y'
    const [module, main] = ['libnginx-mod-http-brotli-filter', 'systemctl show -P MainPID nginx']
    expect((await ask()).header('content-encoding')).toBeUndefined()
    try {
      await hostSays(node, `${apt} install --no-install-recommends ${module}`)
      await deployBehaviour({}, node)
      await expect.poll(async () => (await ask()).header('content-encoding')).toBe('br')
      const answer = await ask()
      expect(answer.header('vary')).toBe('Accept-Encoding')
      expect(JSON.parse(brotliDecompressSync(answer.bytes).toString('utf8'))).toMatchObject({ path: long })
    } finally {
      await hostSays(node, `${apt} purge ${module}`)
      await deployBehaviour({}, node)
    }
    await expect.poll(async () => (await ask()).header('content-encoding')).toBeUndefined()
    const before = await hostSays(node, main)
    await hostSays(node, 'nginx -t -q && systemctl restart nginx')
    expect(await hostSays(node, main)).not.toBe(before)
    expect((await ask()).echo().path).toBe(long)
  })

  it('is not done where the client does not accept it', async () => {
    const answer = await gatewayRequest({ path: long })
    expect(answer.header('content-encoding')).toBeUndefined()
    expect(answer.echo().path).toBe(long)
  })
})
