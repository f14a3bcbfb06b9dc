import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutgoingHttpHeaders } from 'node:http'
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

/** What the gateway keeps of answers, and above all what it does not. */

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
  ])('is not kept when it came with %s', async (order) => {
    const orders = `&${order}`
    const { said, reached } = await askInTurn({ orders }, { orders })
    expect([said.includes('HIT'), reached]).toEqual([false, 2])
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
