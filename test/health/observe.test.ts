import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GwError } from '../../src/errors.js'
import { FleetObserver } from '../../src/health/observe.js'
import type { Gateway } from '../../src/model/gateway.js'
import { GatewayProber } from '../../src/health/prober.js'
import { testHost } from '../engine/fixtures.js'
import { always, inTurn, ScriptedDriver, type ScriptedHost } from '../fakes/scripted-connection.js'
import { GATEWAY } from './gateway.js'

// What a host says that answers is the lab's matter; here are those that do not.

/** Nothing leaves this machine: the virtual IP is asked for, too. */
const LOCAL = { ...GATEWAY, virtualIp: { ...GATEWAY.virtualIp, address: '127.0.0.1' } }
const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens', { host: 'gw-2' })
const TIMEOUT_MS = 150

/** A pool of so many servers. */
function withServers(count: number): Gateway {
  const [pool] = LOCAL.pools
  const [server] = pool?.servers ?? []
  if (pool === undefined || server === undefined) throw new Error('there is no pool')
  const servers = Array.from({ length: count }, (_, index) => ({ ...server, port: 3000 + index }))
  return { ...LOCAL, pools: [{ ...pool, servers }] }
}

interface Observing {
  readonly gateway?: Gateway
  readonly timeoutMs?: number
  readonly forwards?: 'refused' | 'silent'
}

function observing(
  scripts: Readonly<Record<string, ScriptedHost | Error | 'silent'>>,
  { gateway = LOCAL, timeoutMs = TIMEOUT_MS, forwards = 'silent' }: Observing = {},
) {
  const driver = new ScriptedDriver(scripts, forwards)
  const stop = new AbortController()
  const observer = new FleetObserver(
    Object.keys(scripts).map((name) => testHost(name)),
    {
      gateway,
      reach: { driver, resolveSecret: () => Promise.reject(new Error('no secret is asked for')) },
      roots: [],
      forks: 50,
      timeoutMs,
      signal: stop.signal,
    },
  )
  return { driver, stop, observer }
}

describe('a look at gateways', () => {
  it('has a deadline for each host that hangs, and tells of the others meanwhile', async () => {
    const { observer } = observing({
      'gw-1': always({ end: 'hang' }),
      'gw-2': REFUSED,
      'gw-3': always({ end: 'hang' }),
    })
    const told: string[] = []

    const { fleet, errors } = await observer.observe((host, seen) => {
      told.push(`${host} ${seen instanceof GwError ? seen.code : 'answered'}`)
    })

    expect(told[0]).toBe('gw-2 CONNECTION_REFUSED')
    expect(errors.map(({ host, code }) => `${host ?? ''} ${code}`)).toEqual([
      'gw-1 REPLY_LATE',
      'gw-2 CONNECTION_REFUSED',
      'gw-3 REPLY_LATE',
    ])
    expect(errors[0]?.message).toBe('the host was reached, but had not said all within 0.15 s')
    expect(fleet.hosts).toEqual([])
    expect(fleet.unreachable).toEqual(['gw-1', 'gw-2', 'gw-3'])
  })

  it('keeps what a host said that makes no sense apart from one that says nothing', async () => {
    const { observer } = observing({ 'gw-1': always({ output: [{ to: 'stdout', text: 'Welcome!\n' }] }) })

    const { errors } = await observer.observe()

    expect(errors.map(({ code }) => code)).toEqual(['REPLY_GARBLED'])
  })

  it('looks again over a new connection when the last one hung, and leaves none open', async () => {
    const { driver, observer } = observing({ 'gw-1': always({ end: 'hang' }) })

    await observer.observe()
    await observer.observe()
    await observer.close()

    expect(driver.connections.get('gw-1')).toBe(2)
    expect(driver.open).toBe(0)
  })

  it('tells a host that cannot be reached in its time from one that was reached', async () => {
    const { observer } = observing({ 'gw-1': 'silent', 'gw-2': always({ end: 'hang' }) })

    const { errors } = await observer.observe()

    expect(errors.map(({ code, exitCode }) => `${code} ${exitCode}`)).toEqual([
      'DEADLINE_PASSED 4',
      'REPLY_LATE 3',
    ])
    expect(errors[0]?.message).toBe('the host did not answer within 0.15 s')
  })

  it('takes a connection that was there before for no sign of life', async () => {
    const garbled = { output: [{ to: 'stdout', text: 'Welcome!\n' }] } as const
    const { driver, observer } = observing({ 'gw-1': inTurn(garbled, { end: 'hang' }, garbled) })

    const codes = []
    for (let n = 0; n < 3; n++) codes.push((await observer.observe()).errors[0]?.code)

    expect(codes).toEqual(['REPLY_GARBLED', 'DEADLINE_PASSED', 'REPLY_GARBLED'])
    expect(driver.connections.get('gw-1')).toBe(2)
  })

  it('takes a refused connection through one that was there before for a sign of life', async () => {
    const garbled = { output: [{ to: 'stdout', text: 'Welcome!\n' }] } as const
    const { observer } = observing({ 'gw-1': inTurn(garbled) }, { forwards: 'refused' })

    await observer.observe()

    expect((await observer.observe()).errors[0]?.code).toBe('REPLY_LATE')
  })

  it('ends at an interrupt, without waiting for hosts', async () => {
    const { stop, observer } = observing({ 'gw-1': always({ end: 'hang' }) })
    const look = observer.observe()
    stop.abort()

    await expect(look).rejects.toMatchObject({
      code: 'INTERRUPTED',
      nextSteps: ['`gw health ENV` looks again.'],
    })
  })
})

describe('servers of pools that are silent', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const way = { forward: () => new Promise<never>(() => undefined) }

  async function tried(servers: number, timeoutMs: number): Promise<{ servers: number; ms: number }> {
    const begin = performance.now()
    const probing = new GatewayProber(withServers(servers), []).probe('127.0.0.1', way, begin + timeoutMs)
    const probed = probing.then(({ upstreams }) => ({
      servers: upstreams.length,
      ms: performance.now() - begin,
    }))
    await vi.advanceTimersByTimeAsync(700_000)
    return probed
  }

  it('leave time for what else the host says', async () => {
    expect(await tried(125, 5000)).toEqual({ servers: 96, ms: 4000 })
    expect(await tried(60, 5000)).toEqual({ servers: 60, ms: 3000 })
  })

  it('are tried though a host may take hardly any time', async () => {
    expect(await tried(60, 500)).toMatchObject({ servers: 24 })
  })

  it("do not take all of sshd's files, however long a host may take", async () => {
    const { servers } = await tried(2000, 600_000)
    expect(servers).toBeGreaterThan(400)
    expect(servers).toBeLessThan(600)
  })

  it('are left behind with their connection when there are many', async () => {
    const garbled = always({ output: [{ to: 'stdout', text: 'Welcome!\n' }] })
    const { driver, observer } = observing(
      { 'gw-1': garbled },
      { gateway: withServers(40), timeoutMs: 600_000 },
    )

    const connections = []
    for (let n = 0; n < 5; n++) {
      await observer.observe()
      await vi.advanceTimersByTimeAsync(10_000)
      connections.push(driver.connections.get('gw-1'))
    }

    // Each look leaves 44: of the servers, and of the gateway's own addresses.
    expect(connections).toEqual([1, 1, 1, 2, 2])
    await observer.close()
    expect(driver.open).toBe(0)
  })
})
