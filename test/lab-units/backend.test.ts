import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { errorSpreader, turnKnobs } from '../../lab/backend/knobs.js'
import { NO_ORDERS, ordersOf } from '../../lab/backend/orders.js'
import { backend } from '../../lab/backend/service.js'
import { readFrame, writeFrame } from '../../lab/backend/websocket.js'

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

describe('the orders of a query', () => {
  const orders = (query: string) => ordersOf(new URLSearchParams(query), 'admin-1')

  test('are none without one, and none on another host than they name', () => {
    expect(orders('c=d')).toEqual(NO_ORDERS)
    expect(orders('status=503&at=admin-2')).toEqual(NO_ORDERS)
    expect(orders('status=503&at=admin-1')).toEqual({ ...NO_ORDERS, status: 503 })
  })

  test('are status, delay, headers, pieces and a break', () => {
    expect(orders('status=404&delay=20&pieces=3&every=5&break=1&header=X-A:1&header=X-A:a:b')).toEqual({
      status: 404,
      delayMs: 20,
      pieces: 3,
      everyMs: 5,
      breaks: true,
      headers: [
        ['X-A', '1'],
        ['X-A', 'a:b'],
      ],
    })
  })

  test.each(['status=100', 'status=x', 'delay=-1', 'pieces=0', 'every=1e9', 'header=X', 'header=X:%0a'])(
    'are refused as a whole with %s among them',
    (query) => {
      expect(orders(query)).toBeNull()
    },
  )
})

describe('the backend service', () => {
  let running: ReturnType<typeof backend>
  let url = ''
  beforeEach(async () => {
    running = backend({ service: 'admin-server', version: 'v1', host: 'admin-1' })
    running.server.listen(0, '127.0.0.1')
    await once(running.server, 'listening')
    url = `http://127.0.0.1:${(running.server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    if (!running.server.listening) return
    running.server.closeAllConnections()
    running.server.close()
    await once(running.server, 'close')
  })

  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init)
    return { status: response.status, json: (await response.json()) as Record<string, unknown>, response }
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

  test('echoes what it was asked, query included, and how much was sent', async () => {
    const { json } = await ask('/a/b?c=d', { method: 'PUT', headers: { 'x-request-id': 'r1' }, body: 'four' })
    expect(json).toMatchObject({
      method: 'PUT',
      path: '/a/b?c=d',
      bytes: 4,
      host: 'admin-1',
      headers: { 'x-request-id': 'r1' },
    })
  })

  test('says over which of its connections a request came', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const connectionOf = async (over: Agent | false): Promise<unknown> => {
      const sent = request(`${url}/a`, { agent: over })
      sent.end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      return ((await json(response)) as Record<string, unknown>)['connection']
    }
    expect([await connectionOf(agent), await connectionOf(agent), await connectionOf(false)]).toEqual([
      1, 1, 2,
    ])
    agent.destroy()
  })

  test('takes any path as it came', async () => {
    for (const path of ['//x//y', '//', '/a%2fb']) {
      expect((await ask(path)).json).toMatchObject({ path })
    }
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

  test('answers as a query orders, with its headers beside', async () => {
    const { status, json, response } = await ask('/a?status=503&header=X-A:1&header=X-A:2')
    expect({ status, host: json['host'], header: response.headers.get('x-a') }).toEqual({
      status: 503,
      host: 'admin-1',
      header: '1, 2',
    })
    expect((await ask('/a?status=1')).status).toBe(400)
  })

  test('sends the pieces of a stream one by one', async () => {
    const response = await fetch(`${url}/a?pieces=3&every=1`)
    expect(await response.text()).toBe('{"piece":1,"of":3}\n{"piece":2,"of":3}\n{"piece":3,"of":3}\n')
  })

  test('breaks off in the middle of the header when it is told to', async () => {
    await expect(fetch(`${url}/a?break=1`)).rejects.toThrow('fetch failed')
  })

  test('counts the requests of each id, whatever became of them', async () => {
    await ask('/a?count=one&status=503&at=admin-2', { method: 'POST' })
    await ask('/b?count=one&status=503')
    await ask('/b?count=two')
    expect((await ask('/__counts')).json).toEqual({ one: 2, two: 1 })
  })

  const webSocket = async (path: string): Promise<WebSocket> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`)
    await once(socket, 'open')
    return socket
  }
  const says = async (socket: WebSocket, text: string): Promise<unknown> => {
    socket.send(text)
    const [data] = (await once(socket, 'message')) as [Buffer]
    return JSON.parse(data.toString('utf8'))
  }

  test.each([0, 5, 125, 126, 60_000])(
    'echoes %i bytes over a WebSocket and says who it is',
    async (length) => {
      const socket = await webSocket('/ws?a=b')
      const text = 'x'.repeat(length)
      expect(await says(socket, text)).toMatchObject({ host: 'admin-1', path: '/ws?a=b', text })
      socket.close(1000)
      expect((await once(socket, 'close'))[0]).toBe(1000)
    },
  )

  test('answers a ping, and closes on what it does not read', async () => {
    const socket = await webSocket('/ws')
    socket.ping('are you there')
    expect(String((await once(socket, 'pong'))[0])).toBe('are you there')
    socket.send(Buffer.from([1]))
    expect((await once(socket, 'close'))[0]).toBe(1003)
  })

  test('closes its WebSockets when it stops', async () => {
    const socket = await webSocket('/ws')
    running.stop()
    expect((await once(socket, 'close'))[0]).toBe(1001)
  })
})

describe('frames', () => {
  test('are read whole however they are cut', () => {
    const whole = Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2, 0x99])
    for (let end = 0; end < whole.length - 1; end += 1) expect(readFrame(whole.subarray(0, end))).toBeNull()
    expect(readFrame(whole)).toEqual({ opcode: 1, payload: Buffer.from('hi'), rest: Buffer.from([0x99]) })
  })

  test('without a mask, in parts or too long are wrong', () => {
    expect(readFrame(writeFrame(1, Buffer.from('hi')))).toBe('wrong')
    expect(readFrame(Buffer.from([0x01, 0x82, 1, 2, 3, 4, 5, 6]))).toBe('wrong')
    expect(readFrame(Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]))).toBe('wrong')
  })
})
