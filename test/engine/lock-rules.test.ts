import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GwError } from '../../src/errors.js'
import { acquireScript, readFenced, releaseScript, renewScript } from '../../src/engine/lock/scripts.js'
import { sh } from '../../src/shell/script.js'
import { holder, LockGround } from './lock-ground.js'

const [ONE, TWO] = ['aaaa0001', 'bbbb0002']

let ground: LockGround

beforeEach(() => {
  ground = new LockGround()
})
afterEach(() => {
  ground.dispose()
})

async function answer(script: ReturnType<typeof sh>): Promise<string[]> {
  const { text, frames } = await ground.run('gw-1', script)
  expect(text).toBe('')
  return frames[0] ?? []
}

async function acquire(run: string, leaseSeconds = 60): Promise<string[]> {
  return answer(acquireScript(ground.paths, { holder: holder(run), leaseSeconds }))
}

async function renew(run: string, token: number): Promise<string> {
  const words = await answer(renewScript(ground.paths, { run, token }, 60))
  return words.slice(0, 2).join(' ')
}

async function release(run: string, token: number): Promise<string> {
  return (await answer(releaseScript(ground.paths, { run, token }))).join(' ')
}

describe('taking the lock of a host', () => {
  it('makes the state folder of a bare host, gives token 1 and writes down who and why', async () => {
    expect(await acquire(ONE)).toEqual(['lock', 'taken', '1', '0', 'none', '0', '-', '0', '-'])
    const { lock, token } = await ground.seen()
    expect({ ...lock, token }).toMatchObject({ holder: holder(ONE), token: 1 })
    expect(lock?.leftSeconds).toBeGreaterThan(58)
    expect(lock?.leftSeconds).toBeLessThanOrEqual(61)
  })

  it('is refused while the lease of another run is not over, and changes nothing then', async () => {
    await acquire(ONE)
    expect((await acquire(TWO)).slice(0, 4)).toEqual(['lock', 'held', '1', 'live'])
    expect([await ground.holder(), (await ground.seen()).token]).toEqual([`${ONE}+`, 1])
  })

  it('is given once more to the run that has it, with a new token', async () => {
    await acquire(ONE)
    expect((await acquire(ONE)).slice(0, 3)).toEqual(['lock', 'taken', '2'])
  })

  it('takes over a lease that is over, by its deadline or because the host has booted since', async () => {
    await acquire(ONE)
    ground.expire()
    expect((await acquire(TWO)).slice(0, 6)).toMatchObject(['lock', 'taken', '2', '1', 'over', /^-/])
    const lease = ground.read('gw-1', 'state/lock/lease').split(' ')
    ground.write('gw-1', 'state/lock/lease', lease.with(2, '00000000-another-boot').join(' '))
    expect((await acquire(ONE)).slice(0, 6)).toEqual(['lock', 'taken', '3', '2', 'over', '0'])
  })
})
