import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ForwardingForbidden } from '../../src/connection/connection.js'
import { FORWARDED_KINDS, ForwardedAddress } from '../../src/drill/forwarded-address.js'
import { Load } from '../../src/drill/load.js'
import { summaryOf } from '../../src/drill/summary.js'
import { testHost } from '../engine/fixtures.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { GatewayServer } from './gateway-server.js'

/** What is asked by way of a host, which is this machine. */

let gateway: GatewayServer
let driver: LocalDriver
let forwarded: ForwardedAddress

beforeEach(async () => {
  gateway = await GatewayServer.start()
  driver = new LocalDriver()
  forwarded = await open(gateway.port)
})

afterEach(async () => {
  await forwarded.close()
  await gateway.close()
})

function open(port: number): Promise<ForwardedAddress> {
  const reach = { driver, resolveSecret: () => Promise.reject(new Error('it needs no secret')) }
  return ForwardedAddress.open(testHost('mon-1'), { reach, address: '127.0.0.1', port })
}

/** A connection, and how it ended: the system's code of its error, or `end`. */
class Client {
  readonly socket = connect(forwarded.port, forwarded.address)
  readonly ended = new Promise<string>((resolve) => {
    this.socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? '')
    })
    this.socket.once('end', () => {
      resolve('end')
    })
    this.socket.resume()
  })

  static async connected(): Promise<Client> {
    const client = new Client()
    await once(client.socket, 'connect')
    return client
  }
}

describe('an address as a host reaches it', () => {
  it('is asked as if from there, and leaves nothing open', async () => {
    const rates = Object.fromEntries(FORWARDED_KINDS.map((kind) => [kind, 50]))
    const nobody = { late: () => undefined, clean: () => undefined }
    const load = await Load.begin(gateway.target(forwarded.port), { rates, timeoutMs: 4000 }, nobody)
    expect(load.firstFailures).toEqual({})
    await expect.poll(() => gateway.seen.requests, { timeout: 9000, interval: 5 }).toBeGreaterThan(60)
    const ledger = await load.stop()
    for (const kind of FORWARDED_KINDS) {
      const { sent, failed, nodes } = summaryOf(ledger, kind)
      expect(sent).toBeGreaterThan(0)
      expect([failed, nodes]).toEqual([0, ['gw-1']])
    }
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })

  it('that does not answer there ends connections by a reset, and is there again when it does', async () => {
    await gateway.close()
    expect(await (await Client.connected()).ended).toBe('ECONNRESET')
    await gateway.open()
    const { socket } = await Client.connected()
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(1)
    socket.destroy()
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })

  it('ends what goes through it when it is closed, which may be twice', async () => {
    const { ended } = await Client.connected()
    await forwarded.close()
    expect(await ended).toBe('ECONNRESET')
    await forwarded.close()
    await expect(Client.connected()).rejects.toThrow('ECONNREFUSED')
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })

  it('is not open where the host forwards nothing', async () => {
    const forbidden = new ForwardingForbidden('CONNECTION_REFUSED', 'the host does not allow TCP forwarding')
    driver.connect = () =>
      Promise.resolve({
        traffic: { channels: 0, bytesSent: 0, bytesReceived: 0 },
        exec: () => Promise.reject(forbidden),
        forward: () => Promise.reject(forbidden),
        close: () => Promise.resolve(),
      })
    await expect(open(gateway.port)).rejects.toBe(forbidden)
  })
})

describe('an address that says nothing', () => {
  let silent: Server
  let accepted: Socket[]

  beforeEach(async () => {
    accepted = []
    silent = createServer((socket) => {
      accepted.push(socket.on('error', () => undefined))
    })
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    await forwarded.close()
    forwarded = await open((silent.address() as AddressInfo).port)
  })

  afterEach(() => {
    for (const socket of accepted) socket.destroy()
    silent.close()
  })

  it('loses the oldest connections to those that come later, and none that was answered', async () => {
    const { socket: answered } = await Client.connected()
    // The first one was to see whether the host forwards at all.
    await expect.poll(() => accepted.length, { timeout: 9000, interval: 5 }).toBe(2)
    const data = once(answered, 'data')
    for (const socket of accepted) socket.write('hello')
    await data
    const clients: Client[] = []
    for (let count = 0; count < 120; count += 1) clients.push(await Client.connected())
    const ends = await Promise.all(clients.slice(0, 25).map(({ ended }) => ended))
    expect(new Set(ends)).toEqual(new Set(['ECONNRESET']))
    const open = [answered, ...clients.slice(25).map(({ socket }) => socket)]
    expect(open.filter(({ closed }) => closed)).toEqual([])
    for (const socket of open) socket.destroy()
  })
})
