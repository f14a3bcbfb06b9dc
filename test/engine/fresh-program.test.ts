import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runOverFreshConnection } from '../../src/engine/fresh-program.js'
import type { Guard } from '../../src/engine/guard.js'
import { GwError } from '../../src/errors.js'
import { type Script, sh } from '../../src/shell/script.js'
import { testHost } from './fixtures.js'
import { LockGround } from './lock-ground.js'

let ground: LockGround
let connections: number

beforeEach(() => {
  ground = new LockGround()
  connections = 0
})

afterEach(() => {
  ground.dispose()
})

function run(script: Script, guard: Guard | null = null): Promise<string> {
  const { driver, resolveSecret } = ground.reach
  const counting: typeof driver = {
    connect: (target, options) => {
      connections += 1
      return driver.connect(target, options)
    },
  }
  const signal = new AbortController().signal
  return runOverFreshConnection({
    deadlineMs: 60_000,
    ...{ host: testHost('h1'), script, guard, signal },
    reach: { driver: counting, resolveSecret },
  })
}

/** What passes the host's lock when `token` is the one that was given out. */
const guardOf = (token: number): Guard => ({
  paths: ground.paths,
  fence: { run: 'aaaa0001', token },
  patienceSeconds: 10,
})

describe('a program over a connection of its own', () => {
  it('answers what it printed, on both of its outputs', async () => {
    expect(await run(sh`echo one; echo two >&2`)).toBe('one\ntwo')
    expect(await run(sh`:`)).toBe('')
    expect(connections).toBe(2)
  })

  it('is an error with its status and its words when it fails, even where it ends early', async () => {
    await expect(run(sh`echo 'the disk is full'; exit 28; echo never`)).rejects.toMatchObject({
      code: 'TASK_FAILED',
      host: 'h1',
      message: 'it failed with status 28',
      frame: 'the disk is full',
    })
  })

  it('says nothing that a terminal would act on', async () => {
    await expect(run(sh`printf 'a\033[2Jb'; false`)).rejects.toMatchObject({ frame: 'ab' })
  })

  it('runs under the fence of the run that has the lock', async () => {
    const lock = await ground.acquire('aaaa0001', ['h1'])

    expect(await run(sh`echo done >changed; cat changed`, guardOf(lock.tokenOf('h1')))).toBe('done')

    await lock.release()
  })

  it.each([
    ['another run has the lock', 'bbbb0002', 'another run has the lock now'],
    ['the lock was let go', null, 'its lock there was let go'],
  ])('changes nothing when %s', async (_title, other, why) => {
    const lock = await ground.acquire('aaaa0001', ['h1'])
    const guard = guardOf(lock.tokenOf('h1'))
    await lock.release()
    const newer = other === null ? null : await ground.acquire(other, ['h1'])

    const failure: unknown = await run(sh`echo done >changed`, guard).catch((error: unknown) => error)

    expect(failure).toBeInstanceOf(GwError)
    expect(failure).toMatchObject({ code: 'LOCK_LOST', message: expect.stringContaining(why) as string })
    expect(ground.exists('h1', 'changed')).toBe(false)
    await newer?.release()
  })
})
