import { describe, expect, it } from 'vitest'
import { examine } from '../../src/doctor/examine.js'
import { GwError } from '../../src/errors.js'
import { testHost } from '../engine/fixtures.js'
import { always, ScriptedDriver, type ScriptedHost } from '../fakes/scripted-connection.js'

// What hosts say that answer is the lab's matter; here are those that do not.

const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens', { host: 'gw-2' })
const TIMEOUT_MS = 150

async function examined(
  scripts: Readonly<Record<string, ScriptedHost | Error | 'silent'>>,
  signal = new AbortController().signal,
) {
  const driver = new ScriptedDriver(scripts, 'silent')
  const { hosts } = await examine(
    Object.keys(scripts).map((name) => testHost(name)),
    {
      reach: { driver, resolveSecret: () => Promise.reject(new Error('no secret is asked for')) },
      forks: 50,
      timeoutMs: TIMEOUT_MS,
      signal,
      gateway: null,
      node: 'v20.19.0',
    },
  )
  return { driver, answers: hosts.map(({ answers }) => answers as GwError) }
}

describe('a host that does not answer', () => {
  it('costs its time once, whether it lets nobody in or hangs with what it is asked', async () => {
    const begin = performance.now()
    const { driver, answers } = await examined({
      'gw-1': 'silent',
      'gw-2': REFUSED,
      'gw-3': always({ end: 'hang' }),
    })
    expect(performance.now() - begin).toBeLessThan(10 * TIMEOUT_MS)
    expect(answers.map(({ code, host }) => `${host ?? ''} ${code}`)).toEqual([
      'gw-1 DEADLINE_PASSED',
      'gw-2 CONNECTION_REFUSED',
      'gw-3 REPLY_LATE',
    ])
    expect(answers[0]?.message).toBe('the host did not answer within 0.15 s')
    expect(answers[0]?.nextSteps[1]).toContain('--timeout')
    await expect.poll(() => driver.open).toBe(0)
  })

  it('is not waited for when the look is interrupted', async () => {
    const stop = new AbortController()
    const look = examined({ 'gw-1': 'silent', 'gw-2': always({ end: 'hang' }) }, stop.signal)
    stop.abort()
    await expect(look).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})
