import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Measurement, MeasurementOptions } from '../../src/drill/measurement.js'
import { bundledProber } from './bundled.js'
import { GatewayServer } from './gateway-server.js'

const SOON = { withinMs: 9000 }

let bundled: Awaited<ReturnType<typeof bundledProber>>
let gateway: GatewayServer
let begun: Measurement[]

beforeAll(async () => {
  bundled = await bundledProber()
})

afterAll(() => bundled.remove())

beforeEach(async () => {
  gateway = await GatewayServer.start()
  begun = []
})

afterEach(async () => {
  await Promise.all(begun.map((measurement) => measurement.abandon()))
  await gateway.close()
})

async function begin(options: MeasurementOptions = { rate: 50 }): Promise<Measurement> {
  const measurement = await bundled.Measurement.begin(gateway.target(), options)
  begun.push(measurement)
  return measurement
}

describe('a measurement', () => {
  it('asks as often as it is to, over open connections half as often', async () => {
    const measurement = await begin()
    expect(measurement.isReached).toBe(true)
    expect(await measurement.clean(1000, SOON)).toBe(true)
    const { clients, unmeasured, requests, startedAt, outageMs } = await measurement.finish()
    expect(clients.map(({ kind }) => kind)).toEqual(['tcp', 'tls', 'keepalive', 'http2'])
    expect(requests.map(({ kind }) => kind)).toEqual(clients.map(({ kind }) => kind))
    const [tcp = 0, tls = 0, keepalive = 0, http2 = 0] = clients.map(({ sent, unsent }) => sent + unsent)
    expect(Math.abs(tcp - tls)).toBeLessThanOrEqual(1)
    for (const open of [keepalive, http2]) expect(Math.abs(2 * open - tls)).toBeLessThanOrEqual(2)
    expect([unmeasured, outageMs]).toEqual([{}, Math.max(...silencesOf(clients).slice(0, 2))])
    expect(Date.now() - startedAt.getTime()).toBeGreaterThan(900)
  })

  it('tells the outage of new connections, also of those that were asked in fewer ways', async () => {
    const measurement = await begin({ kinds: ['tls', 'http2'] })
    expect(await measurement.clean(200, SOON)).toBe(true)
    measurement.watchOutage(200)
    await gateway.close()
    await once(measurement.late, 'abort')
    await gateway.open()
    expect(await measurement.clean(200, SOON)).toBe(true)
    const { clients, outageMs } = await measurement.finish()
    expect(clients.map(({ kind }) => kind)).toEqual(['tls', 'http2'])
    expect(outageMs).toBe(silencesOf(clients)[0])
    expect(outageMs).toBeGreaterThan(200)
  })

  it('does not count what was over before', async () => {
    const measurement = await begin()
    await gateway.close()
    // Never so long: an outage of that time.
    expect(await measurement.clean(60_000, { withinMs: 400 })).toBe(false)
    await gateway.open()
    expect(await measurement.clean(200, SOON)).toBe(true)
    const { clients, outageMs } = await measurement.finish({ since: Date.now() + 60_000 })
    expect(silencesOf(clients)).toEqual([])
    expect([clients.every(({ failed }) => failed > 0), outageMs]).toEqual([true, null])
  })

  it('of what is not reached tells why, and waits for nothing', async () => {
    await gateway.close()
    const measurement = await begin()
    expect(measurement.isReached).toBe(false)
    expect(await measurement.clean(0, { withinMs: 600_000 })).toBe(false)
    await measurement.steady()
    expect(await measurement.finish()).toMatchObject({
      ...{ clients: [], requests: [], outageMs: null, latenessMs: 0 },
      unmeasured: { tcp: 'refused', tls: 'refused', keepalive: 'refused', http2: 'refused' },
    })
  })

  it('may be abandoned when it is finished, and again', async () => {
    const measurement = await begin()
    await measurement.finish()
    await measurement.abandon()
    await measurement.abandon()
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })
})

function silencesOf(clients: Awaited<ReturnType<Measurement['finish']>>['clients']): number[] {
  return clients.flatMap(({ silence }) => (silence === null ? [] : [silence.ms]))
}
