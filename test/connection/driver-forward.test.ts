import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { describe, expect } from 'vitest'
import { ForwardingForbidden } from '../../src/connection/connection.js'
import { driverTest, failure, run, type Ground } from './ground.js'

/** Repeats whatever it is told, and knows how many talk to it. */
class Echo {
  readonly sockets = new Set<Socket>()
  readonly #server: Server = createServer((socket) => {
    this.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.sockets.delete(socket))
    socket.pipe(socket)
  })

  static async on(ground: Ground, host = '127.0.0.1'): Promise<Echo> {
    const echo = new Echo()
    echo.#server.listen(0, host)
    await once(echo.#server, 'listening')
    return ground.keep(echo)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** What comes back for a word. */
async function echoed(stream: Duplex, word: string): Promise<string> {
  stream.write(word)
  const [answer] = (await once(stream, 'data')) as [Buffer]
  return answer.toString()
}

describe.each(['ssh2', 'openssh'] as const)('the %s driver, asked for a connection from the host', (name) => {
  const it = driverTest(name)

  it('gives one that carries bytes both ways, beside commands', async ({ ground, connect }) => {
    const echo = await Echo.on(ground)
    const connection = await connect()
    const stream = await connection.forward('127.0.0.1', echo.port)
    expect(await echoed(stream, 'hello')).toBe('hello')
    expect((await run(connection, 'echo beside')).stdout).toBe('beside\n')
    expect(await echoed(stream, 'again')).toBe('again')
  })

  it('carries every byte of much, however slowly it is read', async ({ ground, connect }) => {
    const echo = await Echo.on(ground)
    const stream = await (await connect()).forward('127.0.0.1', echo.port)
    const sent = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) % 256))
    stream.end(sent)
    const chunks: Buffer[] = []
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      await new Promise(setImmediate)
    }
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  })

  it('reaches addresses of IPv6', async ({ ground, connect }) => {
    const echo = await Echo.on(ground, '::1')
    const stream = await (await connect()).forward('::1', echo.port)
    expect(await echoed(stream, 'hello')).toBe('hello')
  })

  it('closes it at the far end when it is closed here, and here when the far end closes it', async ({
    ground,
    connect,
  }) => {
    const echo = await Echo.on(ground)
    const connection = await connect()
    const one = await connection.forward('127.0.0.1', echo.port)
    await echoed(one, 'hello')
    one.destroy()
    await expect.poll(() => echo.sockets.size).toBe(0)
    const other = await connection.forward('127.0.0.1', echo.port)
    await echoed(other, 'hello')
    other.resume()
    const ended = once(other, 'end')
    for (const socket of echo.sockets) socket.end()
    await ended
  })

  it('says so when nothing listens there, and the connection stays', async ({ ground, connect }) => {
    const echo = await Echo.on(ground)
    const { port } = echo
    await echo.close()
    const connection = await connect()
    const error = await failure(connection.forward('127.0.0.1', port), 'CONNECTION_REFUSED')
    expect(error).not.toBeInstanceOf(ForwardingForbidden)
    expect(error.message).toBe(`the host reaches nothing at 127.0.0.1 port ${port}`)
    expect((await run(connection, 'echo in')).stdout).toBe('in\n')
  })

  it('tells apart a host that forwards nothing', async ({ ground, server, connect }) => {
    const echo = await Echo.on(ground)
    server.rules.forwarding = false
    const connection = await connect()
    const error = await failure(connection.forward('127.0.0.1', echo.port), 'CONNECTION_REFUSED')
    expect(error).toBeInstanceOf(ForwardingForbidden)
    expect(error.nextSteps.join()).toContain('AllowTcpForwarding')
    expect(echo.sockets.size).toBe(0)
  })

  it('opens 32 at once, and another when one of them was closed', async ({ ground, connect }) => {
    const echo = await Echo.on(ground)
    const connection = await connect()
    const open = () => connection.forward('127.0.0.1', echo.port)
    const streams = await Promise.all(Array.from({ length: 32 }, open))
    const another = open()
    expect(await echoed(streams[31] as Duplex, 'hello')).toBe('hello')
    await expect.poll(() => echo.sockets.size).toBe(32)
    streams[0]?.destroy()
    expect(await echoed(await another, 'hello')).toBe('hello')
  })

  it('ends it with the connection, and then opens none', async ({ ground, server, connect }) => {
    const echo = await Echo.on(ground)
    const connection = await connect()
    const stream = await connection.forward('127.0.0.1', echo.port)
    await echoed(stream, 'hello')
    const closed = once(stream.resume(), 'close')
    server.dropConnections()
    await closed
    await failure(connection.forward('127.0.0.1', echo.port), 'CONNECTION_LOST')
  })

  it('opens none once the caller has given up', async ({ ground, connect }) => {
    const echo = await Echo.on(ground)
    const connection = await connect()
    await failure(connection.forward('127.0.0.1', echo.port, AbortSignal.abort()), 'INTERRUPTED')
    const giveUp = new AbortController()
    const opening = connection.forward('127.0.0.1', echo.port, giveUp.signal)
    giveUp.abort()
    await failure(opening, 'INTERRUPTED')
    await expect.poll(() => echo.sockets.size).toBe(0)
    expect((await run(connection, 'echo in')).stdout).toBe('in\n')
  })
})
