import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { backendServer, errorSpreader, turnKnobs } from '../../lab/backend/service.js'

const knobs = { errorRatio: 0, latencyMs: 0, healthy: true }

describe("the backend's knobs", () => {
  test('keep what a change does not name', () => {
    expect(turnKnobs(knobs, { latencyMs: 20 })).toEqual({ errorRatio: 0, latencyMs: 20, healthy: true })
    expect(turnKnobs(knobs, {})).toEqual(knobs)
  })

  test.each([
    null,
    1,
    'x',
    [],
    { errorRatio: 2 },
    { errorRatio: '0.1' },
    { latencyMs: -1 },
    { healthy: 0 },
    { speed: 1 },
  ])('refuse %j', (change) => {
    expect(turnKnobs(knobs, change)).toBeNull()
  })

  test('spread errors evenly: of any number of requests the ratio fails, give or take one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (ratio, count) => {
          const fails = errorSpreader()
          const failed = Array.from({ length: count }, () => fails(ratio)).filter(Boolean).length
          expect(Math.abs(failed - ratio * count)).toBeLessThanOrEqual(1)
        },
      ),
    )
  })

  test('fail all requests at 1, none at 0, and every tenth at 0.1', () => {
    const count = (ratio: number) => {
      const fails = errorSpreader()
      return Array.from({ length: 100 }, () => fails(ratio)).filter(Boolean).length
    }
    expect([count(0), count(0.1), count(1)]).toEqual([0, 10, 100])
  })
})

describe('the backend service', () => {
  let server: ReturnType<typeof backendServer>
  let url = ''
  beforeEach(async () => {
    server = backendServer({ service: 'admin-server', version: 'v1', host: 'admin-1' })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }
  const turn = (body: string) => ask('/__knobs', { method: 'POST', body })

  test('answers its health in the form of the gateway reference', async () => {
    const { status, json } = await ask('/health')
    expect(status).toBe(200)
    expect(Object.keys(json)).toEqual(['status', 'timestamp', 'service', 'version', 'uptime', 'checks'])
    expect(json).toMatchObject({
      status: 'healthy',
      checks: { database: 'healthy', redis: 'healthy', memory: 'healthy' },
    })
  })

  test('echoes what it was asked, query included', async () => {
    const { json } = await ask('/a/b?c=d', { method: 'PUT', headers: { 'x-request-id': 'r1' } })
    expect(json).toMatchObject({
      method: 'PUT',
      path: '/a/b?c=d',
      host: 'admin-1',
      headers: { 'x-request-id': 'r1' },
    })
  })

  test('stays healthy while requests fail, so that the two can be told apart', async () => {
    await turn('{"errorRatio":1}')
    expect((await ask('/anything')).status).toBe(500)
    expect((await ask('/version')).status).toBe(500)
    expect((await ask('/health')).status).toBe(200)
  })

  test('answers 503 when it is told to be unhealthy', async () => {
    await turn('{"healthy":false}')
    expect(await ask('/health')).toMatchObject({ status: 503, json: { status: 'unhealthy' } })
  })

  test('refuses knobs that are none, and keeps those it had', async () => {
    for (const body of ['', '{', '[]', '{"errorRatio":9}']) expect((await turn(body)).status).toBe(400)
    expect((await ask('/__knobs')).json).toEqual(knobs)
  })
})
