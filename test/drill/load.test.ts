import { setTimeout as pass } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Load } from '../../src/drill/load.js'
import type { LoadOptions, LoadTarget } from '../../src/drill/load-target.js'
import { KINDS, type Kind, type Ledger } from '../../src/drill/sample.js'
import { summaryOf, type Summary } from '../../src/drill/summary.js'
import { TcpRelay } from '../fakes/tcp-relay.js'
import { GatewayServer } from './gateway-server.js'

const RATES = { tcp: 50, tls: 50, keepalive: 50, http2: 50 }
const INTERVAL_MS = 20
const OUTAGE_MS = 300
/** How much longer than real an outage may seem on a busy machine: far less than an answer is waited for. */
const SLACK_MS = 2000
const TIMEOUT_MS = 4000

let gateway: GatewayServer

beforeEach(async () => {
  gateway = await GatewayServer.start()
})

afterEach(() => gateway.close())

/** Begins a load whose news nobody reads. */
function startedLoad(target: LoadTarget, options: LoadOptions): Promise<Load> {
  return Load.begin(target, options, { late: () => undefined, clean: () => undefined })
}

/** Waits until so many more requests were answered. */
async function answers(count: number): Promise<void> {
  const wanted = gateway.seen.requests + count
  await expect.poll(() => gateway.seen.requests, { timeout: 9000, interval: 5 }).toBeGreaterThan(wanted)
}

function summaries(ledger: Ledger): Record<Kind, Summary> {
  const all = KINDS.map((kind) => [kind, summaryOf(ledger, kind)] as const)
  return Object.fromEntries(all) as Record<Kind, Summary>
}

/** What the prober is sure of, in milliseconds. */
function seenMs({ outage }: Summary): number {
  return outage === null ? 0 : outage.ms - outage.unknownMs
}

describe('a load', () => {
  it('asks in every way, at its rate, and leaves nothing open', async () => {
    const load = await startedLoad(gateway.target(), { rates: RATES, timeoutMs: TIMEOUT_MS })
    expect(load.firstFailures).toEqual({})
    await answers(40)
    const ledger = await load.stop()
    const seen = summaries(ledger)
    for (const kind of KINDS) {
      const { sent, unsent, failed, cut, nodes } = seen[kind]
      expect(sent).toBeGreaterThan(0)
      expect(Math.abs(sent + unsent - ledger.durationMs / INTERVAL_MS)).toBeLessThanOrEqual(
        1 + (ledger.latenessMs + INTERVAL_MS) / INTERVAL_MS,
      )
      expect([failed, cut, nodes]).toEqual([0, 0, kind === 'tcp' ? [] : ['gw-1']])
    }
    expect(ledger.samples.every(({ due, ended }) => ended >= due)).toBe(true)
    expect(gateway.seen.resumed).toBeGreaterThan(0)
    await expect.poll(() => gateway.connections, { timeout: 9000, interval: 5 }).toBe(0)
  })

  it('asks in the ways that are wanted only', async () => {
    const load = await startedLoad(gateway.target(), { rates: { http2: 100 }, timeoutMs: TIMEOUT_MS })
    await answers(10)
    const { samples } = await load.stop()
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(['http2']))
    expect(gateway.seen.connections).toBe(1)
  })

  it('finds how long nobody listened, and who answered before and after', async () => {
    const load = await startedLoad(gateway.target(), { rates: RATES, timeoutMs: TIMEOUT_MS })
    await answers(40)
    const begin = performance.now()
    await gateway.close()
    const gone = performance.now()
    await pass(OUTAGE_MS)
    const back = performance.now()
    gateway.node = 'gw-2'
    await gateway.open()
    const end = performance.now()
    await answers(40)
    const ledger = await load.stop()
    const seen = summaries(ledger)
    for (const kind of KINDS) {
      const { outage, failures, nodes, cut } = seen[kind]
      expect(outage?.isOver).toBe(true)
      expect(outage?.ms).toBeGreaterThan(back - gone - INTERVAL_MS - ledger.latenessMs)
      expect(seenMs(seen[kind])).toBeLessThan(end - begin + SLACK_MS)
      expect(failures.refused).toBeGreaterThan(0)
      expect(nodes).toEqual(kind === 'tcp' ? [] : ['gw-1', 'gw-2'])
      expect(cut).toBe({ tcp: 0, tls: 0, keepalive: 5, http2: 1 }[kind])
    }
  })

  it('finds how long a gateway was silent', async () => {
    const relay = await TcpRelay.start({ host: '127.0.0.1', port: gateway.port })
    const rates = { tls: 50, keepalive: 50, http2: 50 }
    const load = await startedLoad(gateway.target(relay.port), { rates, timeoutMs: TIMEOUT_MS })
    await answers(40)
    const gone = performance.now()
    relay.rules.blackHole = true
    await pass(OUTAGE_MS)
    const back = performance.now()
    relay.rules.blackHole = false
    relay.cut()
    const end = performance.now()
    await answers(40)
    const ledger = await load.stop()
    const seen = summaries(ledger)
    await relay.close()
    for (const kind of ['tls', 'keepalive', 'http2'] as const) {
      expect(seen[kind].outage?.ms).toBeGreaterThan(back - gone - INTERVAL_MS - ledger.latenessMs)
      expect(seenMs(seen[kind])).toBeLessThan(end - gone + SLACK_MS)
    }
    expect(seen.tls.failures.reset).toBeGreaterThan(0)
  })
})

describe('connections that are to stay open', () => {
  it('stay open, few in number', async () => {
    const rates = { keepalive: 100, http2: 100 }
    const load = await startedLoad(gateway.target(), { rates, timeoutMs: TIMEOUT_MS })
    await answers(100)
    await load.stop()
    // Five clients and an HTTP/2 connection; more only while the first answer of one is waited for.
    expect(gateway.seen.connections).toBeLessThan(40)
  })

  it('are given up when they hang while new ones would not', async () => {
    const relay = await TcpRelay.start({ host: '127.0.0.1', port: gateway.port })
    const rates = { keepalive: 50, http2: 50 }
    const load = await startedLoad(gateway.target(relay.port), { rates, timeoutMs: 400 })
    await answers(40)
    gateway.node = 'gw-2'
    relay.freeze()
    await answers(40)
    const ledger = await load.stop()
    await relay.close()
    const { keepalive, http2 } = summaries(ledger)
    expect([keepalive.cut, http2.cut]).toEqual([5, 1])
    for (const { failures, nodes, outage } of [keepalive, http2]) {
      expect(Object.keys(failures)).toEqual(['timeout'])
      expect(nodes).toEqual(['gw-1', 'gw-2'])
      expect(outage?.ms).toBeGreaterThan(400 - 2 * INTERVAL_MS - ledger.latenessMs)
    }
  })

  it.each([
    [
      'cut',
      (relay: TcpRelay) => {
        relay.cut()
      },
    ],
    [
      'ended without a word',
      (relay: TcpRelay) => {
        relay.end()
      },
    ],
  ])('count when they are %s, with what was asked over them', async (_how, end) => {
    const relay = await TcpRelay.start({ host: '127.0.0.1', port: gateway.port })
    const rates = { keepalive: 50, http2: 50 }
    const load = await startedLoad(gateway.target(relay.port), { rates, timeoutMs: TIMEOUT_MS })
    await answers(40)
    let held = 0
    gateway.behaviour = (_, response) => {
      held += 1
      if (held % 2 === 0) response.write('{"status":')
    }
    await expect.poll(() => held, { timeout: 9000, interval: 5 }).toBeGreaterThan(20)
    gateway.behaviour = (_, response) => response.end(gateway.health)
    end(relay)
    await answers(40)
    const { keepalive, http2 } = summaries(await load.stop())
    await relay.close()
    expect([keepalive.cut, http2.cut]).toEqual([5, 1])
    for (const { failures } of [keepalive, http2]) {
      expect(Object.keys(failures)).toEqual(['reset'])
      expect(failures.reset).toBeGreaterThan(0)
    }
  })

  it('end without a failure and without a cut when the gateway announces it', async () => {
    const rates = { keepalive: 50, http2: 50 }
    const load = await startedLoad(gateway.target(), { rates, timeoutMs: TIMEOUT_MS })
    await answers(40)
    const before = gateway.seen.connections
    gateway.behaviour = ({ httpVersionMajor, stream }, response) => {
      if (httpVersionMajor === 1) response.setHeader('Connection', 'close')
      else stream.session?.goaway()
      response.end(gateway.health)
    }
    await answers(40)
    const { keepalive, http2 } = summaries(await load.stop())
    expect([keepalive.failed, keepalive.cut, http2.failed, http2.cut]).toEqual([0, 0, 0, 0])
    expect(gateway.seen.connections).toBeGreaterThan(before + 12)
  })

  it('are left for another one by requests that the gateway refuses to begin', async () => {
    const load = await startedLoad(gateway.target(), { rates: { http2: 100 }, timeoutMs: TIMEOUT_MS })
    await answers(10)
    let refused = 0
    gateway.behaviour = ({ stream }, response) => {
      if (stream.session === undefined || refused > 0) response.end(gateway.health)
      else {
        refused = stream.id ?? 0
        stream.session.goaway(0, refused - 2)
      }
    }
    await answers(20)
    const { http2 } = summaries(await load.stop())
    expect(refused).toBeGreaterThan(0)
    expect([http2.failed, http2.cut]).toEqual([0, 0])
    expect(gateway.seen.connections).toBeGreaterThan(1)
  })
})

describe('a request that fails', () => {
  const failuresOf = async (target = gateway.target(), timeoutMs = TIMEOUT_MS) => {
    const load = await startedLoad(target, { rates: RATES, timeoutMs })
    await load.stop()
    return load.firstFailures
  }
  const alike = (failure: string) => ({ tls: failure, keepalive: failure, http2: failure })

  it('tells when nobody listens', async () => {
    await gateway.close()
    expect(await failuresOf()).toEqual({ tcp: 'refused', ...alike('refused') })
    await gateway.open()
  })

  it('tells when the certificate is not trusted, or for another name', async () => {
    expect(await failuresOf({ ...gateway.target(), roots: [] })).toEqual(alike('tls'))
    expect(await failuresOf({ ...gateway.target(), domain: 'www.example.com' })).toEqual(alike('tls'))
  })

  it('tells when there is no TLS, and when connections end', async () => {
    const plain = await TcpRelay.start({ host: '127.0.0.1', port: 1 })
    expect(await failuresOf(gateway.target(plain.port))).toEqual(alike('reset'))
    await plain.close()
  })

  it('tells when no answer comes in time', async () => {
    gateway.behaviour = () => undefined
    expect(await failuresOf(gateway.target(), 300)).toEqual(alike('timeout'))
  })

  it.each<[string, number, string]>([
    ['another status', 503, '{"status":"healthy","release":"v1.0"}'],
    ['no health', 200, '{"status":"ill"}'],
    ['too much', 200, 'x'.repeat(70_000)],
  ])('tells when the answer is %s', async (_what, status, body) => {
    gateway.behaviour = (_, response) => response.writeHead(status).end(body)
    expect(await failuresOf()).toEqual(alike('answer'))
  })

  it('is none where the gateway does not say who it is, and what it says is clean', async () => {
    gateway.behaviour = (_, response) => response.end('{"status":"healthy","release":"v1.0"}')
    const load = await startedLoad(gateway.target(), { rates: { tls: 100 }, timeoutMs: TIMEOUT_MS })
    await answers(3)
    gateway.node = '\u001b[31mgw\n-1'
    gateway.behaviour = (_, response) => response.end(gateway.health)
    await answers(3)
    const { failed, nodes } = summaries(await load.stop()).tls
    expect([failed, nodes]).toEqual([0, ['gw\\x0a-1']])
  })
})
