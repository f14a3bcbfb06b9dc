import { renameSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GwError } from '../../src/errors.js'
import { acquireByHand, releaseByHand } from '../../src/engine/lock/by-hand.js'
import type { FleetLock } from '../../src/engine/lock/fleet-lock.js'
import type { Holder, LockState } from '../../src/model/lock.js'
import { sh } from '../../src/shell/script.js'
import { testHost } from './fixtures.js'
import { holder, LockGround } from './lock-ground.js'

const [ONE, TWO] = ['aaaa0001', 'bbbb0002']
const PAIR = ['gw-1', 'gw-2']

let ground: LockGround
let locks: FleetLock[]

beforeEach(() => {
  ground = new LockGround()
  locks = []
})
afterEach(async () => {
  await Promise.all(locks.map((lock) => lock.release()))
  ground.dispose()
})

async function acquire(...args: Parameters<LockGround['acquire']>): Promise<FleetLock> {
  const lock = await ground.acquire(...args)
  locks.push(lock)
  return lock
}

const holders = () => Promise.all(PAIR.map((host) => ground.holder(host)))

/** Fulfils when a lock is lost, with the reason. */
function lost(lock: FleetLock): Promise<unknown> {
  return new Promise((resolve) => {
    lock.lost.addEventListener('abort', () => {
      resolve(lock.lost.reason)
    })
  })
}

/** Calls back at the first event of a kind. */
function on(type: string, react: () => void): { emit: (event: { type: string }) => void } {
  let seen = false
  return {
    emit: (event) => {
      if (event.type !== type || seen) return
      seen = true
      react()
    },
  }
}

describe('the locks of a fleet', () => {
  it('are taken on all hosts, with a token each, and let go together', async () => {
    ground.write('gw-2', 'state/token', '41\n')
    const lock = await acquire(ONE, PAIR)
    expect(await holders()).toEqual([`${ONE}+`, `${ONE}+`])
    expect([lock.tokenOf('gw-1'), lock.fenceOf('gw-2')]).toEqual([1, { run: ONE, token: 42 }])
    await lock.release()
    expect(await holders()).toEqual(['free', 'free'])
    expect(() => lock.tokenOf('gw-3')).toThrow()
  })

  it('are all let go when one is held; the error says by whom and what to type', async () => {
    await acquire(ONE, ['gw-2'])
    const error = await ground.acquire(TWO, PAIR).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'LOCK_HELD', exitCode: 7, host: 'gw-2' })
    expect((error as GwError).message).toMatch(
      /^the lock is held by run aaaa0001 \(gw deploy test by alice@laptop\) since 2026-11-21T20:00:00\.000Z, because: it's due; its lease runs 6\d s more/,
    )
    expect((error as GwError).nextSteps.join('\n')).toMatch(/--lock-wait.*gw lock status.*gw abort/s)
    expect(await holders()).toEqual(['free', `${ONE}+`])
  })

  it('are waited for when there is time, from the first host on, and are told about once', async () => {
    const first = await acquire(ONE, ['gw-2'])
    const waiting = on('lock.waiting', () => void first.release())
    const events: unknown[] = []
    const lock = await acquire(TWO, PAIR, {
      waitMs: 8000,
      emit: (event) => {
        events.push(event)
        waiting.emit(event)
      },
    })
    expect(await holders()).toEqual([`${TWO}+`, `${TWO}+`])
    expect(events).toMatchObject([{ type: 'lock.waiting', host: 'gw-2', holder: { run: ONE } }])
    expect(lock.takenOver).toEqual([])
  })

  it('are refused when the time to wait is over', async () => {
    await acquire(ONE, ['gw-1'])
    await expect(ground.acquire(TWO, PAIR, { waitMs: 1 })).rejects.toMatchObject({ code: 'LOCK_HELD' })
    expect(await holders()).toEqual([`${ONE}+`, 'free'])
  })

  it('are let go when the waiting is interrupted', async () => {
    await acquire(ONE, ['gw-2'])
    const stop = new AbortController()
    const { emit } = on('lock.waiting', () => {
      stop.abort()
    })
    const waiting = ground.acquire(TWO, PAIR, { waitMs: 60_000, signal: stop.signal, emit })
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
    expect(await holders()).toEqual(['free', `${ONE}+`])
  })

  it('are taken over when their run did not end, which is told', async () => {
    await acquire(ONE, PAIR)
    ground.expire('gw-1')
    ground.expire('gw-2')
    const lock = await acquire(TWO, PAIR)
    expect(lock.takenOver).toEqual(PAIR.map((host) => ({ host, holder: holder(ONE, PAIR) })))
    expect(ground.events.map(({ type }) => type)).toEqual(['lock.taken-over', 'lock.taken-over'])
  })

  it('say of an unfinished run what they said before, when one of them could not be had', async () => {
    await acquire(ONE, ['gw-1'])
    ground.expire('gw-1')
    const before = await ground.seen('gw-1')
    await acquire('cccc0003', ['gw-2'])
    await expect(ground.acquire(TWO, PAIR)).rejects.toMatchObject({ code: 'LOCK_HELD', host: 'gw-2' })
    const { lock } = await ground.seen('gw-1')
    expect(lock).toMatchObject({ holder: before.lock?.holder, token: before.token })
    expect(lock?.leftSeconds).toBeLessThanOrEqual(0)
  })

  it('are not taken where the state cannot be written, and then nowhere', async () => {
    ground.write('gw-2', 'state', 'a file where the folder should be')
    const error = ground.acquire(ONE, PAIR)
    await expect(error).rejects.toMatchObject({ code: 'COMMAND_FAILED', host: 'gw-2', frame: /File exists/ })
    expect(await ground.holder('gw-1')).toBe('free')
  })

  it('may be left behind with the lease over, so that they say what was not finished', async () => {
    const lock = await acquire(ONE, PAIR)
    await lock.leave()
    for (const host of PAIR) {
      const seen = await ground.seen(host)
      expect(seen).toMatchObject({ lock: { holder: { run: ONE } } })
      expect(seen.lock?.leftSeconds).toBeLessThanOrEqual(1)
    }
  })
})

describe('the heartbeat', () => {
  it('renews the lease for as long as the lock is held', async () => {
    const lock = await acquire(ONE, ['gw-1'], { leaseMs: 3000 })
    const first = ground.read('gw-1', 'state/lock/lease')
    await expect.poll(() => ground.read('gw-1', 'state/lock/lease'), { timeout: 8000 }).not.toBe(first)
    expect(lock.lost.aborted).toBe(false)
  })

  it('tells when another run has the lock', async () => {
    const lock = await acquire(ONE, ['gw-1'], { leaseMs: 3000 })
    const reason = lost(lock)
    ground.expire()
    await acquire(TWO)
    expect(await reason).toMatchObject({ code: 'LOCK_LOST', host: 'gw-1' })
    await lock.release()
    expect(await ground.holder()).toBe(`${TWO}+`)
  })

  it('tells when no renewal succeeded for a whole lease', async () => {
    const lock = await acquire(ONE, ['gw-1'], { leaseMs: 900 })
    renameSync(ground.at('gw-1'), ground.at('gone'))
    const reason = await lost(lock)
    expect(reason).toMatchObject({ code: 'LOCK_LOST', host: 'gw-1' })
    expect((reason as GwError).message).toContain('for a whole lease (0.9 s)')
  })
})

describe('locks that are taken by hand', () => {
  const hosts = PAIR.map((name) => testHost(name))
  const byHand: Holder = { ...holder(ONE, PAIR), kind: 'hand', reason: 'moving the rack' }
  const writeDown = (line: string) => sh`echo ${line} >>notes`
  const releasing = (run: string, on: readonly string[]) => ({
    ...ground.options(run, on),
    noteOf: (lock: LockState) => writeDown(`let go ${lock.holder.run}`),
  })

  it('stay without a heartbeat and are let go by what was seen, and hosts write both down', async () => {
    const options = { ...ground.options(ONE, PAIR), holderOf: () => byHand, note: writeDown('taken') }
    await acquireByHand(hosts, ground.reach, options)
    const seen = await Promise.all(PAIR.map((host) => ground.seen(host)))
    expect(seen.map(({ lock }) => lock?.holder)).toEqual([byHand, byHand])
    const locked = hosts.flatMap((host, index) => {
      const lock = seen[index]?.lock ?? null
      return lock === null ? [] : [{ host, lock }]
    })
    await releaseByHand(locked, ground.reach, releasing(TWO, PAIR))
    expect(await holders()).toEqual(['free', 'free'])
    expect(PAIR.map((host) => ground.read(host, 'notes'))).toEqual(PAIR.map(() => `taken\nlet go ${ONE}\n`))
    await expect(releaseByHand(locked, ground.reach, releasing(TWO, PAIR))).rejects.toMatchObject({
      code: 'LOCK_HELD',
    })
  })

  it('say who has them and how to let go, without a word of a run', async () => {
    const options = { ...ground.options(ONE, ['gw-1']), holderOf: () => byHand, leaseMs: 7_190_000 }
    await acquireByHand(hosts.slice(0, 1), ground.reach, options)
    const error: unknown = await acquire(TWO).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'LOCK_HELD', host: 'gw-1' })
    const { message, nextSteps } = error as GwError
    expect(message).toMatch(
      /^the lock is held by alice@laptop since .*, because: moving the rack; it lasts 1 h 59 min more$/,
    )
    expect(nextSteps).toContain('gw lock release ENV lets it go.')
    expect([message, ...nextSteps].join(' ')).not.toMatch(/abort|renew/)
  })

  it('that are left of a run which did not end are taken over and let go', async () => {
    await acquire(ONE, ['gw-1'])
    ground.write('gw-1', 'state/trial/revert', 'rm -r state/trial')
    ground.expire()
    const { lock } = await ground.seen()
    const locked = lock === null ? [] : [{ host: testHost('gw-1'), lock }]
    await releaseByHand(locked, ground.reach, releasing(TWO, ['gw-1']))
    expect(ground.read('gw-1', 'notes')).toBe(`let go ${ONE}\n`)
    expect(await ground.holder()).toBe('free')
    expect(ground.exists('gw-1', 'state/trial')).toBe(false)
  })
})
