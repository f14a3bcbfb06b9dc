import { describe, expect, it } from 'vitest'
import { SteadyState } from '../../src/drill/steady-state.js'
import { HostSession, type Reach } from '../../src/engine/session.js'
import { GwError } from '../../src/errors.js'
import { ScriptedDriver, always, type ScriptedHost } from '../fakes/scripted-connection.js'
import { drillOptions } from './drill-options.js'

// Gateways that answer are the lab's matter; here are those that do not.

const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens there', { host: 'gw-1' })
const SENSELESS = always({ output: [{ to: 'stdout', text: 'Welcome!\n' }] })

function steadyState(hosts: Readonly<Record<'gw-1' | 'gw-2', ScriptedHost | Error>>) {
  const driver = new ScriptedDriver(hosts)
  const reach: Reach = { driver, resolveSecret: () => Promise.reject(new Error('no secret is asked for')) }
  const abandon = new AbortController()
  const options = drillOptions(reach, { abandon: abandon.signal })
  const sessions = options.hosts.map((host) => new HostSession(host, reach))
  const steady = new SteadyState(options, sessions)
  const close = async (): Promise<void> => {
    await Promise.all([steady.close(), ...sessions.map((session) => session.close())])
  }
  return { steady, driver, abandon, close }
}

describe('the steady state', () => {
  it('is none where a gateway cannot be asked, and the error says why', async () => {
    const { steady, driver, close } = steadyState({ 'gw-1': REFUSED, 'gw-2': SENSELESS })
    await expect(steady.require()).rejects.toMatchObject({ code: 'CONNECTION_REFUSED', host: 'gw-1' })
    await close()
    expect(driver.open).toBe(0)
  })

  it('is waited for, and when the time is over what was wrong is told with the host', async () => {
    const { steady, close } = steadyState({ 'gw-1': REFUSED, 'gw-2': REFUSED })
    expect(await steady.await(0)).toEqual({ holder: null, reasons: ['gw-1: nothing listens there'] })
    await close()
  })

  it('is not waited for any more by whoever gives everything up', async () => {
    const { steady, abandon, close } = steadyState({ 'gw-1': REFUSED, 'gw-2': REFUSED })
    abandon.abort()
    await expect(steady.await(60_000)).rejects.toBeInstanceOf(GwError)
    await close()
  })

  it('ends with a fault of gw itself', async () => {
    const fault = new Error('no sense')
    const { steady, close } = steadyState({ 'gw-1': fault, 'gw-2': fault })
    await expect(steady.await(60_000)).rejects.toThrow('no sense')
    await close()
  })
})
