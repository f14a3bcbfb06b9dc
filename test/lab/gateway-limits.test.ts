import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatewayRequest, oneConnection } from './fixtures/client.js'
import {
  PATHS,
  RATE_LIMITS,
  deployBehaviour,
  deployLab,
  freshId,
  logLines,
  reachedCustomers,
} from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { Http2Client } from './fixtures/http2-client.js'

/**
 * How much one client may ask for. All tests are one client, so every limit is tried on a route and a zone of its own;
 * where one request a minute is let in again, none is within a test.
 */

beforeAll(() => deployBehaviour())
afterAll(deployLab)

const times = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const tally = (statuses: readonly number[]): Record<number, number> =>
  Object.fromEntries(
    [...new Set(statuses)].map((each) => [each, statuses.filter((status) => status === each).length]),
  )

describe('a rate limit', () => {
  it('lets in its burst and one more, exactly, and refuses the rest before any backend sees it', async () => {
    const id = freshId()
    const client = await Http2Client.connect()
    const answers = await Promise.all(times(40).map(() => client.request(`${PATHS.limited}x?count=${id}`)))
    client.close()
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 6, 429: 34 })
    expect(await reachedCustomers(id)).toBe(6)
  })

  it('says in JSON and in headers what the limit is and when to come again', async () => {
    const answer = await gatewayRequest({ path: `${PATHS.limited}x` })
    expect([answer.status, answer.errorCode]).toEqual([429, 'RATE_LIMIT_EXCEEDED'])
    const names = ['Retry-After', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']
    // One request a minute; with the burst, all is as at the start after six of them.
    expect(names.map((name) => answer.header(name))).toEqual(['60', '1', '0', '360'])
  })

  it('lets a client in again when it has waited for as long as it was told to', async () => {
    const ask = () => gatewayRequest({ path: `${PATHS.paced}x` })
    const refused = async () => {
      for (;;) {
        const answer = await ask()
        if (answer.status === 429) return Number(answer.header('retry-after'))
      }
    }
    const seconds = await refused()
    expect(seconds).toBe(1)
    const start = performance.now()
    await expect.poll(async () => (await ask()).status, { timeout: seconds * 1000, interval: 50 }).toBe(200)
    // Two a second: not at once either.
    expect(performance.now() - start).toBeGreaterThan(50)
  })

  it('slows down the guessing of a token, since it counts what is refused', async () => {
    const guess = () => gatewayRequest({ path: `${PATHS.guessed}x` })
    const statuses = []
    for (let tries = 0; tries < 8; tries += 1) statuses.push((await guess()).status)
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429])
  })

  it('holds beside another: each client, and each value of Authorization', async () => {
    const as = async (who: string) =>
      (await gatewayRequest({ path: `${PATHS.tiers}x`, headers: { Authorization: `Bearer ${who}` } })).status
    const first = []
    for (let tries = 0; tries < 5; tries += 1) first.push(await as('one'))
    expect(first).toEqual([200, 200, 200, 429, 429])
    const all = []
    for (const who of ['two', 'three', 'four'])
      for (let tries = 0; tries < 3; tries += 1) all.push(await as(who))
    // 3 + 3 + 3 and one more are the ten of the client, whose refused requests counted for nothing.
    expect(all).toEqual([200, 200, 200, 200, 200, 200, 200, 429, 429])
    expect((await gatewayRequest({ path: `${PATHS.tiers}x` })).status).toBe(429)
  })

  it('never holds for the health of the gateway, which is not logged either', async () => {
    const agent = oneConnection()
    const ids = times(150).map(freshId)
    const statuses = []
    for (const id of ids) {
      statuses.push(
        (await gatewayRequest({ path: '/health', headers: { 'X-Request-ID': id }, agent })).status,
      )
    }
    agent.destroy()
    expect(tally(statuses)).toEqual({ 200: 150 })
    // What is asked for later is logged already, so what is not there by then never will be.
    const later = freshId()
    await gatewayRequest({ path: '/', headers: { 'X-Request-ID': later } })
    await expect.poll(() => logLines(later)).toHaveLength(1)
    expect(await logLines(ids[149] ?? '')).toEqual([])
  })
})

describe('the connections of a client', () => {
  const slow = (at: number) => `${PATHS.steady}${at}?delay=1500`

  it('may carry ten requests at once; the eleventh is refused', async () => {
    const answers = await Promise.all(times(11).map((at) => gatewayRequest({ path: slow(at) })))
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 10, 429: 1 })
    const refused = answers.find(({ status }) => status === 429)
    expect([refused?.errorCode, refused?.header('retry-after')]).toEqual(['RATE_LIMIT_EXCEEDED', '1'])
  })

  it('are counted, not the streams of HTTP/2: sixty at once, and none is refused', async () => {
    const client = await Http2Client.connect()
    const answers = await Promise.all(times(60).map((at) => client.request(slow(at))))
    client.close()
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 60 })
  })

  it('carry 300 requests of HTTP/2, a hundred at a time, and none is cut off', async () => {
    const client = await Http2Client.connect()
    const lane = async (at: number): Promise<number[]> => {
      const statuses = []
      for (const turn of times(3))
        statuses.push((await client.request(`${PATHS.steady}${at}-${turn}`)).status)
      return statuses
    }
    const statuses = (await Promise.all(times(100).map(lane))).flat()
    client.close()
    expect(tally(statuses)).toEqual({ 200: 300 })
  })

  it('do not keep its health from being asked', async () => {
    const busy = times(10).map((at) => gatewayRequest({ path: slow(at) }))
    const asked = await Promise.all(times(20).map(() => gatewayRequest({ path: '/health' })))
    expect(tally(asked.map(({ status }) => status))).toEqual({ 200: 20 })
    await Promise.all(busy)
  })
})

describe('the sizes of a request', () => {
  it('may be what the limits say: headers of 15 KB, a URI of 7,900 characters, bodies up to the route and the gateway', async () => {
    const headers = Object.fromEntries(times(4).map((at) => [`X-${at}`, 'x'.repeat(3800)]))
    const post = (path: string, bytes: number) =>
      gatewayRequest({ path: `${path}x`, method: 'POST', body: Buffer.alloc(bytes) })
    const largest = 10 * 1024 * 1024
    const answers = await Promise.all([
      gatewayRequest({ path: `${PATHS.steady}x`, headers }),
      gatewayRequest({ path: `${PATHS.steady}${'x'.repeat(7900)}` }),
      post(PATHS.small, 1024),
      post(PATHS.steady, largest),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(answers.map((answer) => answer.echo().bytes)).toEqual([0, 0, 1024, largest])
    const [overRoute, over] = await Promise.all([post(PATHS.small, 1025), post(PATHS.steady, largest + 1)])
    expect([overRoute.status, over.status]).toEqual([413, 413])
  })
})

describe('a rate limit that counts by something else from now on', () => {
  const NODE = 'gw-2'
  const alarms = (): Promise<string> => hostSays(NODE, "grep -F '[emerg]' /var/log/nginx/error.log || true")
  const served = async (): Promise<unknown> => (await gatewayRequest({ path: '/', node: NODE })).json()

  it('is served at once: NGINX takes the new configuration', async () => {
    const changed = {
      rate_limits: { ...RATE_LIMITS, paced: { ...RATE_LIMITS.paced, by: 'authorization' } },
    }
    const before = await alarms()
    const old = await served()
    await deployBehaviour(changed, NODE)
    // It names the release, and this one is new.
    await expect.poll(served).not.toEqual(old)
    expect(await alarms()).toBe(before)
  })
})
