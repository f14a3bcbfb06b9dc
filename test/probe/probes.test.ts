import { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ForwardingForbidden } from '../../src/connection/connection.js'
import { JoinedStream } from '../../src/connection/joined-stream.js'
import { GwError, type ErrorCode } from '../../src/errors.js'
import { openFrom, openHere, type Open } from '../../src/probe/open.js'
import type { Probe, WebAnswer } from '../../src/probe/probe.js'
import { probeHttp, probeHttps, probeTls } from '../../src/probe/probes.js'
import { answer, DOMAIN, HealthServer, type Behaviour } from '../release/health-server.js'

let tls: HealthServer
let plain: HealthServer

beforeAll(async () => {
  tls = await HealthServer.start()
  plain = await HealthServer.start('plain')
})

afterAll(() => Promise.all([tls.close(), plain.close()]))

const KINDS = [
  [
    'HTTPS',
    () => tls,
    (open: Open, timeoutMs: number) =>
      probeHttps(open, { domain: DOMAIN, path: '/health', timeoutMs, roots: [] }),
  ],
  [
    'HTTP',
    () => plain,
    (open: Open, timeoutMs: number) => probeHttp(open, { host: DOMAIN, path: '/health', timeoutMs }),
  ],
] as const

const drip: Behaviour = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
  const timer = setInterval(() => socket.write(' '), 5)
  socket.once('close', () => {
    clearInterval(timer)
  })
}

describe.each(KINDS)('a request by %s', (_kind, serverOf, probe) => {
  async function probed(behaviour: Behaviour, timeoutMs = 5000): Promise<Probe<unknown>> {
    const server = serverOf()
    server.behaviour = behaviour
    const told = await probe(() => server.connection(), timeoutMs)
    await expect.poll(() => server.open, { interval: 5 }).toBe(0)
    return told
  }
  const says = (text: string) => probed((socket) => socket.end(Buffer.from(text)))

  it('is put once, and told with what it was answered', async () => {
    const start = performance.now()
    const told = await says(answer('503 Busy', '{"status":"ill"}'))
    const { answer: seen } = told as { answer: WebAnswer }
    expect(seen).toMatchObject({ status: 503, location: null, body: '{"status":"ill"}' })
    expect(seen.ms).toBeGreaterThan(0)
    expect(seen.ms).toBeLessThan(performance.now() - start)
    expect(serverOf().requests.at(-1)).toMatch(/^GET \/health HTTP\/1\.1\r\nHost: api\.example\.com\r\n/)
  })

  it('follows no redirect, and tells where it leads in clean words', async () => {
    const { length } = serverOf().requests
    const header = 'Location: https://evil.example/\x9b2J\r\n'
    expect(await says(answer('302 Found', '', header))).toMatchObject({
      answer: { status: 302, location: 'https://evil.example/Â' },
    })
    expect(serverOf().requests).toHaveLength(length + 1)
    const created = answer('201 Created', '', 'Location: /new\r\n')
    expect(await says(created)).toMatchObject({ answer: { status: 201, location: null } })
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'no HTTP'],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`, 'no HTTP'],
    ['half of an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhell', 'an end of the connection'],
    ['nothing', '', 'an end of the connection'],
    ['too much', answer('200 OK', 'x'.repeat(65_537)), 'a body of more than 65536 bytes'],
  ])('has no whole answer when there comes %s', async (_what, text, why) => {
    expect(await says(text)).toEqual({ failure: 'http', why })
  })

  it('takes a body of 64 KiB', async () => {
    const told = await says(answer('200 OK', 'x'.repeat(65_536)))
    expect(told).toHaveProperty('answer.body.length', 65_536)
  })

  it.each([
    ['is silent', () => undefined],
    ['sends a byte now and then', drip],
  ])('is late when the server %s', async (_what, behaviour) => {
    expect(await probed(behaviour, 100)).toEqual({ failure: 'late', why: 'nothing whole within 100 ms' })
  })

  it('is late when the connection comes too late, and that is ended, too', async () => {
    const server = serverOf()
    const gate: { open?: (stream: Duplex) => void } = {}
    const told = await probe(
      () =>
        new Promise((resolve) => {
          gate.open = resolve
        }),
      20,
    )
    expect(told).toEqual({ failure: 'late', why: 'nothing whole within 20 ms' })
    const stream = await server.connection()
    gate.open?.(stream)
    await expect.poll(() => stream.destroyed, { interval: 5 }).toBe(true)
  })

  it('goes over any stream, and not over one that breaks without a word', async () => {
    const server = serverOf()
    server.says(answer('200 OK', 'hello'))
    const joined = async (): Promise<Duplex> => {
      const socket = await server.connection()
      return new JoinedStream(socket, socket, () => socket.destroy())
    }
    expect(await probe(joined, 5000)).toMatchObject({ answer: { status: 200, body: 'hello' } })
    const broken = new Duplex({ read: () => undefined, write: () => broken.destroy() })
    expect(await probe(() => Promise.resolve(broken), 5000)).toHaveProperty('why', 'an end of the connection')
  })

  it.each<[ErrorCode, string]>([
    ['CONNECTION_REFUSED', 'unreachable'],
    ['DEADLINE_PASSED', 'late'],
  ])('that gets no connection for %s is %s', async (code, failure) => {
    const error = new GwError(code, 'so it is')
    expect(await probe(() => Promise.reject(error), 5000)).toEqual({ failure, why: 'so it is' })
  })

  it('that the host forwards nothing for is forbidden', async () => {
    const error = new ForwardingForbidden('CONNECTION_REFUSED', 'not allowed')
    const told = await probe(() => Promise.reject(error), 5000)
    expect(told).toEqual({ failure: 'forbidden', why: 'not allowed' })
  })

  it.each([
    ['the host is lost', new GwError('CONNECTION_LOST', 'gone')],
    ['somebody interrupts', new GwError('INTERRUPTED', 'stop')],
    ['gw itself is wrong', new TypeError('a fault')],
  ])('throws when %s', async (_title, error) => {
    await expect(probe(() => Promise.reject(error), 5000)).rejects.toBe(error)
  })
})

describe('a handshake', () => {
  const probe = async (timeoutMs: number, behaviour: Behaviour) => {
    plain.behaviour = behaviour
    const request = { domain: DOMAIN, algorithm: 'rsa', roots: [], timeoutMs } as const
    const told = await probeTls(() => plain.connection(), request)
    await expect.poll(() => plain.open, { interval: 5 }).toBe(0)
    return told
  }

  it('is none with a server that speaks no TLS', async () => {
    const told = await probe(5000, (socket) => socket.end(answer('400 Bad Request', '')))
    expect(told).toEqual({ failure: 'tls', why: 'no TLS handshake' })
    expect(await probe(5000, (socket) => socket.end())).toHaveProperty('failure', 'tls')
    expect(await probe(5000, (socket) => socket.resetAndDestroy())).toEqual({
      failure: 'tls',
      why: 'an end of the connection',
    })
  })

  it('that never ends is late', async () => {
    expect(await probe(50, () => undefined)).toHaveProperty('failure', 'late')
  })
})

describe('a connection', () => {
  const request = { host: DOMAIN, path: null, timeoutMs: 5000 }

  it('is all that is tried without a path', async () => {
    const { length } = plain.requests
    expect(await probeHttp(() => plain.connection(), request)).toEqual({ answer: 'connected' })
    await expect.poll(() => plain.open, { interval: 5 }).toBe(0)
    expect(plain.requests).toHaveLength(length)
  })

  it('is opened from a host, and no longer waited for when it is late', async () => {
    const asked: unknown[] = []
    let signal: AbortSignal | undefined
    const forward = (address: string, port: number, stop?: AbortSignal): Promise<Duplex> => {
      asked.push([address, port])
      signal = stop
      return new Promise(() => undefined)
    }
    const told = await probeHttp(openFrom({ forward }, '10.0.1.2', 3000), { ...request, timeoutMs: 20 })
    expect(told).toHaveProperty('failure', 'late')
    expect(asked).toEqual([['10.0.1.2', 3000]])
    expect(signal?.aborted).toBe(true)
  })

  it('is opened from this machine', async () => {
    const { port } = plain
    expect(await probeHttp(openHere('127.0.0.1', port, 5000), request)).toEqual({ answer: 'connected' })
    // No connection can be made to all hosts at once.
    expect(await probeHttp(openHere('255.255.255.255', port, 5000), request)).toMatchObject({
      failure: 'unreachable',
      why: expect.stringMatching(
        /^this machine reaches nothing at 255\.255\.255\.255 port \d+ \(E/,
      ) as string,
    })
  })
})
