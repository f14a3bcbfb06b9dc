import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LoadProber } from '../../src/drill/load-prober.js'
import { summaryOf } from '../../src/drill/summary.js'
import { bundledProber } from './bundled.js'
import { GatewayServer } from './gateway-server.js'

const BLOCK_MS = 500

let bundled: Awaited<ReturnType<typeof bundledProber>>
let gateway: GatewayServer
let started: LoadProber[]

beforeAll(async () => {
  bundled = await bundledProber()
})

afterAll(() => bundled.remove())

beforeEach(async () => {
  gateway = await GatewayServer.start()
  started = []
})

afterEach(async () => {
  await Promise.all(started.map((prober) => prober.close()))
  await gateway.close()
})

async function start(target = gateway.target(), timeoutMs = 4000): Promise<LoadProber> {
  const rates = { tcp: 100, tls: 50, keepalive: 50, http2: 50 }
  const prober = await bundled.LoadProber.start(target, { rates, timeoutMs })
  started.push(prober)
  return prober
}

describe('a prober', () => {
  it('asks from a thread of its own, whatever keeps this one busy', async () => {
    const prober = await start()
    expect(prober.firstFailures).toEqual({})
    await expect.poll(() => gateway.seen.requests, { timeout: 9000, interval: 5 }).toBeGreaterThan(60)
    const begin = Date.now()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS)
    const end = Date.now()
    const ledger = await prober.stop()
    // The system itself accepts connections for the server that stands still in this thread.
    const meanwhile = ledger.samples.filter(
      ({ kind, due, ended, failure }) =>
        kind === 'tcp' &&
        failure === null &&
        ledger.startedAt.getTime() + due > begin &&
        ledger.startedAt.getTime() + ended < end,
    )
    expect(meanwhile.length).toBeGreaterThan(0)
    expect(summaryOf(ledger, 'tls').nodes).toEqual(['gw-1'])
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })

  it('finds at first what it cannot reach, and asks on', async () => {
    await gateway.close()
    const prober = await start()
    expect(prober.firstFailures).toEqual({
      tcp: 'refused',
      tls: 'refused',
      keepalive: 'refused',
      http2: 'refused',
    })
    await gateway.open()
    await expect.poll(() => gateway.seen.requests, { timeout: 9000, interval: 5 }).toBeGreaterThan(10)
    const { outage } = summaryOf(await prober.stop(), 'tls')
    expect(outage?.isOver ?? true).toBe(true)
  })

  it('ends at once when it is closed, and may be closed again', async () => {
    const prober = await start()
    await prober.close()
    await prober.close()
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
    await expect(prober.stop()).rejects.toThrow('the thread of the load ended without a word')
  })

  it('tells as it runs when new connections have had no answer for too long, and when all has been well for a while', async () => {
    const prober = await start()
    const soon = { withinMs: 9000 }
    await gateway.close()
    // Never so long: an outage of that time.
    expect(await prober.clean(60_000, { withinMs: 400 })).toBe(false)
    await gateway.open()
    expect(await prober.clean(300, soon)).toBe(true)
    prober.watchOutage(200)
    // What is asked for is answered by then.
    expect(await prober.clean(300, soon)).toBe(true)
    expect(prober.late.aborted).toBe(false)

    const gone = performance.now()
    await gateway.close()
    await once(prober.late, 'abort')

    expect(performance.now() - gone).toBeGreaterThan(100)
    expect(await prober.clean(300, { withinMs: 400 })).toBe(false)
    await gateway.open()
    expect(await prober.clean(300, soon)).toBe(true)
    const { outage } = summaryOf(await prober.stop(), 'tls')
    expect(outage?.ms).toBeGreaterThan(200)
  })

  it('waits for nothing that is interrupted', async () => {
    const prober = await start()
    const stop = new AbortController()
    const clean = prober.clean(60_000, { withinMs: 60_000, signal: stop.signal })
    stop.abort()
    expect(await clean).toBe(false)
    expect(await prober.clean(0, { withinMs: 9000, signal: stop.signal })).toBe(false)
  })

  it('fails to start where its thread does', async () => {
    await expect(start({ ...gateway.target(), port: 70_000 })).rejects.toThrow('Port should be')
  })
})
