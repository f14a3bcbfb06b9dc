import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './fixtures/answer.js'
import { gatewayRequest, oneConnection } from './fixtures/client.js'
import {
  ADMINS,
  CUSTOMERS,
  PATHS,
  counted,
  deployBehaviour,
  deployLab,
  freshId,
  logLines,
  reachedCustomers,
  sum,
  withoutBackends,
} from './fixtures/gateway.js'

/**
 * When a request that failed at one backend is tried at another, when it must not be, what is left without backends, and
 * how long one is waited for.
 */

const TOKEN = { 'X-Admin-Token': 'any' }

beforeAll(() => deployBehaviour())
afterAll(deployLab)

const ROUNDS = 9

/** Asks again and again for what fails on customer-1 alone; answers the statuses and how often each backend was reached. */
async function askRounds(path: string, method: string, orders: string) {
  const id = freshId()
  const statuses = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const query = `count=${id}&at=customer-1&${orders}`
    statuses.push((await gatewayRequest({ path: `${path}x?${query}`, method })).status)
  }
  return { statuses, reached: await counted(CUSTOMERS, 3001, id) }
}

/** Asks many times at once, since each one may take a second, for what is too slow on customer-1 alone. */
async function askAtOnce(method: string) {
  const id = freshId()
  const path = `${PATHS.hasty}x?count=${id}&at=customer-1&delay=3000`
  const answers = await Promise.all(Array.from({ length: ROUNDS }, () => gatewayRequest({ path, method })))
  return { statuses: answers.map(({ status }) => status), reached: await counted(CUSTOMERS, 3001, id) }
}

const FAILURES = ['status=502', 'status=503', 'status=504', 'break=1']
const ALL_WELL = Array.from({ length: ROUNDS }, () => 200)

describe('a request that may be repeated', () => {
  it.each(FAILURES)('is tried at another backend when one fails: %s', async (orders) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { statuses, reached } = await askRounds(PATHS.steady, method, orders)
      expect(statuses).toEqual(ALL_WELL)
      // The failing backend had its share; each of its requests was made once more elsewhere.
      expect(reached['customer-1']).toBeGreaterThan(0)
      expect(sum(reached)).toBe(ROUNDS + (reached['customer-1'] ?? 0))
    }
  })

  it('is tried at another backend when one is too slow', async () => {
    const { statuses, reached } = await askAtOnce('GET')
    expect(statuses).toEqual(ALL_WELL)
    expect(reached['customer-1']).toBeGreaterThan(0)
    expect(sum(reached)).toBe(ROUNDS + (reached['customer-1'] ?? 0))
  })

  it('shows every try in the access log', async () => {
    const id = freshId()
    await expect
      .poll(async () => {
        await gatewayRequest({
          path: `${PATHS.steady}x?status=503&at=customer-1`,
          headers: { 'X-Request-ID': id },
        })
        return (await logLines(id)).map((line) => line['upstream_status'])
      })
      .toContain('503, 200')
  })

  it.each(['status=500', 'status=404', 'status=429'])(
    'is not, when that is the answer: %s',
    async (orders) => {
      const { statuses, reached } = await askRounds(PATHS.steady, 'GET', orders)
      const failed = statuses.filter((status) => status !== 200)
      expect(failed).toHaveLength(reached['customer-1'] ?? 0)
      expect(failed).not.toHaveLength(0)
      expect(sum(reached)).toBe(ROUNDS)
    },
  )

  it('is tried twice and no more', async () => {
    const id = freshId()
    const answer = await gatewayRequest({ path: `${PATHS.steady}x?count=${id}&status=503` })
    // What the last one said is the answer.
    expect([answer.status, answer.echo().service]).toEqual([503, 'customer-server'])
    expect(await reachedCustomers(id)).toBe(2)
  })

  it('is tried once where the pool says so', async () => {
    for (const orders of FAILURES) {
      const { statuses, reached } = await askRounds(PATHS.once, 'GET', orders)
      expect(sum(reached)).toBe(ROUNDS)
      expect(statuses.filter((status) => status === 200)).toHaveLength(ROUNDS - (reached['customer-1'] ?? 0))
    }
  })
})

describe('a request that may not be repeated', () => {
  it.each(FAILURES)('reaches one backend, whatever becomes of it there: %s', async (orders) => {
    for (const method of ['POST', 'PATCH']) {
      const { statuses, reached } = await askRounds(PATHS.steady, method, orders)
      expect(sum(reached)).toBe(ROUNDS)
      expect(reached['customer-1']).toBeGreaterThan(0)
      expect(statuses.filter((status) => status !== 200)).toHaveLength(reached['customer-1'] ?? 0)
    }
  })

  it('reaches one backend when that is too slow, though another would have been tried for GET', async () => {
    const { statuses, reached } = await askAtOnce('POST')
    expect(sum(reached)).toBe(ROUNDS)
    expect(reached['customer-1']).toBeGreaterThan(0)
    expect(statuses.filter((status) => status === 504)).toHaveLength(reached['customer-1'] ?? 0)
    expect(statuses.filter((status) => status === 200)).toHaveLength(ROUNDS - (reached['customer-1'] ?? 0))
  })

  it('reaches one backend where every one is too slow, too', async () => {
    const id = freshId()
    const answer = await gatewayRequest({
      path: `${PATHS.slow}x?count=${id}&delay=3000`,
      method: 'POST',
      body: '{}',
    })
    expect([answer.status, answer.errorCode]).toEqual([504, 'GATEWAY_TIMEOUT'])
    expect(await reachedCustomers(id)).toBe(1)
  })

  it('goes to another when no connection came about, since then nobody has got it', async () => {
    await withoutBackends(['admin-1'], async () => {
      const id = freshId()
      const statuses = []
      for (let round = 0; round < ROUNDS; round += 1) {
        const path = `${PATHS.admin}x?count=${id}`
        statuses.push((await gatewayRequest({ path, method: 'POST', headers: TOKEN, body: '{}' })).status)
      }
      expect(statuses).toEqual(ALL_WELL)
      expect(sum(await counted(ADMINS.slice(1), 3000, id))).toBe(ROUNDS)
    })
  })
})

describe('backends that stop', () => {
  const ask = (path: string = PATHS.admin) => gatewayRequest({ path: `${path}x`, headers: TOKEN })

  it('are made up for by the others', async () => {
    await withoutBackends(['admin-1'], async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask()))
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
      expect(answers.map((answer) => answer.echo().host)).not.toContain('admin-1')
    })
  })

  it('but for one that is overloaded leave its 503, and never a 502', async () => {
    const answers: Answer[] = []
    const id = freshId()
    const overloaded = {
      path: `${PATHS.admin}x?status=503&header=Retry-After:7`,
      headers: { ...TOKEN, 'X-Request-ID': id },
    }
    // By these NGINX finds out that the others are gone, so that it has none left to try.
    const findOut = async () => {
      for (let request = 0; request < 6; request += 1) await ask()
    }
    const tries = async () => {
      await findOut()
      for (let request = 0; request < 8; request += 1) answers.push(await gatewayRequest(overloaded))
      return (await logLines(id)).map((line) => line['upstream_status'])
    }
    await withoutBackends(['admin-2', 'admin-3'], async () => {
      await expect.poll(tries, { timeout: 10_000, interval: 500 }).toContain('503, 502')
    })
    expect(answers.filter(({ status }) => status !== 503)).toEqual([])
    for (const answer of answers) expect(answer.header('retry-after')).toBeOneOf(['7', '30'])
  })

  it('all of them leave a 503 in JSON, and are used again when they are back', async () => {
    await withoutBackends(ADMINS, async () => {
      // The first requests find out one by one; the later ones find no server that is thought alive.
      for (let request = 0; request < 6; request += 1) {
        const answer = await ask()
        expect([answer.status, answer.errorCode, answer.header('retry-after')]).toEqual([
          503,
          'SERVICE_UNAVAILABLE',
          '30',
        ])
      }
    })
    await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(200)
  })

  it('are replaced by a backup server, which else serves nothing', async () => {
    const hosts = async () =>
      new Set(await Promise.all(Array.from({ length: 8 }, async () => (await ask(PATHS.spare)).echo().host)))
    expect(await hosts()).toEqual(new Set(['admin-1', 'admin-2']))
    await withoutBackends(['admin-1', 'admin-2'], async () => {
      expect(await hosts()).toEqual(new Set(['admin-3']))
    })
    await expect.poll(hosts, { timeout: 10_000 }).not.toContain('admin-3')
  })
})

describe('connections to backends', () => {
  it.each([
    [PATHS.steady, 3],
    // One client of a sticky pool has one server.
    [`${PATHS.socketIo}?transport=polling`, 1],
  ])('are used again: %s', async (path, servers) => {
    // One connection of the client is one worker of NGINX, and each has connections of its own.
    const agent = oneConnection()
    const used = new Set<string>()
    for (let request = 0; request < 12; request += 1) {
      const { host, connection } = (await gatewayRequest({ path, agent })).echo()
      used.add(`${host} ${connection}`)
    }
    agent.destroy()
    expect(used.size).toBe(servers)
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
