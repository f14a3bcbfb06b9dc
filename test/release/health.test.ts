import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { askHealth } from '../../src/release/health.js'
import { answer, DOMAIN, healthy, HealthServer, type Behaviour } from './health-server.js'

let tls: HealthServer
let plain: HealthServer

beforeAll(async () => {
  tls = await HealthServer.start()
  plain = await HealthServer.start('plain')
})

afterAll(() => Promise.all([tls.close(), plain.close()]))

async function failureOf(server: HealthServer, behaviour: Behaviour, timeoutMs = 5000): Promise<string> {
  server.behaviour = behaviour
  const asked = askHealth(await server.connection(), { domain: DOMAIN, timeoutMs })
  const error: unknown = await asked.catch((reason: unknown) => reason)
  if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
  expect(error.code).toBe('RELEASE_NOT_SERVED')
  expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
  await expect.poll(() => server.open, { interval: 5 }).toBe(0)
  return error.message
}

describe('the question which release a gateway serves', () => {
  it('is put by the name of the domain, and answered with the release', async () => {
    tls.says(healthy('v1.2'))
    const stream = await tls.connection()
    const { release, ms } = await askHealth(stream, { domain: DOMAIN, timeoutMs: 5000 })
    expect(release).toBe('v1.2')
    expect(ms).toBeGreaterThan(0)
    expect(tls.names.at(-1)).toBe(DOMAIN)
    expect(tls.requests.at(-1)).toMatch(/^GET \/health HTTP\/1\.1\r\nHost: api\.example\.com\r\n/)
    expect(stream.destroyed).toBe(true)
  })

  it('is answered by files that have no release yet, too', async () => {
    tls.says(healthy('unreleased'))
    const answered = await askHealth(await tls.connection(), { domain: DOMAIN, timeoutMs: 5000 })
    expect(answered.release).toBe('unreleased')
  })

  it.each<[what: string, text: string, words: RegExp]>([
    [
      'a redirect',
      answer('301 Moved', '', 'Location: https://evil.example/\r\n'),
      /status 301, which leads to "https:\/\/evil\.example\/"/,
    ],
    [
      'a redirect full of escape codes',
      answer('302 Found', '', 'Location: /\x1b[31m\x9b2J\r\n'),
      /status 302|no HTTP/,
    ],
    ['an error', answer('503 Service Unavailable', 'later'), /status 503/],
    ['no JSON', answer('200 OK', '<html>hello'), /no health: "<html>hello"/],
    ['JSON that is no object', answer('200 OK', '[1]'), /no health: "\[1\]"/],
    ['null', answer('200 OK', 'null'), /no health: "null"/],
    ['an answer without a release', answer('200 OK', '{"status":"healthy"}'), /no health/],
    ['another status', answer('200 OK', '{"status":"ill","release":"v1.2"}'), /no health/],
    ['a release that is no text', answer('200 OK', '{"status":"healthy","release":1}'), /no health/],
    ['a release with escape codes', healthy('v1.2\x1b[0m'), /no name of a release: "v1\.2/],
    ['a release with an end of line', healthy('v1.2\n'), /no name of a release/],
    ['a release of another kind', healthy('original'), /no name of a release: "original"/],
    ['escape codes', answer('200 OK', '\x1b]0;title\x07\x1b[2J\u202e'), /no health/],
    ['a long text', answer('200 OK', 'x'.repeat(5000)), /no health: "x{80}\.\.\."/],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /no HTTP/],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`, /no HTTP/],
    [
      'half of an answer',
      'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"status"',
      /an end of the connection/,
    ],
    ['nothing', '', /an end of the connection/],
  ])('says what came instead: %s', async (_what, text, words) => {
    expect(await failureOf(tls, (socket) => socket.end(Buffer.from(text)))).toMatch(words)
  })

  it('stops to read at 64 KiB, however much there is', async () => {
    let sent = 0
    const message = await failureOf(tls, (socket) => {
      const piece = Buffer.alloc(16 * 1024, 'x')
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece)) sent += piece.length
      }
      socket.on('drain', more)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n')
      more()
    })
    expect(message).toMatch(/a body of more than 65536 bytes/)
    expect(sent).toBeLessThan(50_000_000)
  })

  it.each<[what: string, behaviour: Behaviour]>([
    ['is silent', () => undefined],
    [
      'sends a byte now and then',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
        const drip = setInterval(() => socket.write(' '), 5)
        socket.once('close', () => {
          clearInterval(drip)
        })
      },
    ],
  ])('gives up in time on one that %s', async (_what, behaviour) => {
    expect(await failureOf(tls, behaviour, 100)).toMatch(/nothing whole within 100 ms/)
  })

  it('says so when there is no TLS, or a handshake that never ends', async () => {
    expect(await failureOf(plain, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).toMatch(
      /no TLS handshake/,
    )
    expect(await failureOf(plain, () => undefined, 100)).toMatch(/nothing whole within 100 ms/)
  })
})
