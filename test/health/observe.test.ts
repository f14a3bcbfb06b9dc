import { describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { FleetObserver } from '../../src/health/observe.js'
import { testHost } from '../engine/fixtures.js'
import { always, ScriptedDriver, type ScriptedHost } from '../fakes/scripted-connection.js'
import { GATEWAY } from './gateway.js'

// What a host says that answers is the lab's matter; here are those that do not.

/** Nothing leaves this machine: the virtual IP is asked for, too. */
const LOCAL = { ...GATEWAY, virtualIp: { ...GATEWAY.virtualIp, address: '127.0.0.1' } }
const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens', { host: 'gw-2' })
const TIMEOUT_MS = 150

function observing(scripts: Readonly<Record<string, ScriptedHost | Error>>) {
  const driver = new ScriptedDriver(scripts)
  const stop = new AbortController()
  const observer = new FleetObserver(
    Object.keys(scripts).map((name) => testHost(name)),
    {
      gateway: LOCAL,
      reach: { driver, resolveSecret: () => Promise.reject(new Error('no secret is asked for')) },
      roots: [],
      forks: 50,
      timeoutMs: TIMEOUT_MS,
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
      'gw-1 DEADLINE_PASSED',
      'gw-2 CONNECTION_REFUSED',
      'gw-3 DEADLINE_PASSED',
    ])
    expect(errors[0]?.message).toBe('the host did not answer within 0.15 s')
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

  it('ends at an interrupt, without waiting for hosts', async () => {
    const { stop, observer } = observing({ 'gw-1': always({ end: 'hang' }) })
    const look = observer.observe()
    stop.abort()

    await expect(look).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})
