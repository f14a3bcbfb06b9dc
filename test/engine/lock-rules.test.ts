import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GwError } from '../../src/errors.js'
import {
  acquireScript,
  leaveScript,
  readFenced,
  releaseScript,
  renewScript,
} from '../../src/engine/lock/scripts.js'
import { lines, sh } from '../../src/shell/script.js'
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

async function acquire(run: string, patience = 10): Promise<string[]> {
  return answer(acquireScript(ground.paths, { holder: holder(run), leaseSeconds: 60 }, patience))
}

async function renew(run: string, token: number): Promise<string> {
  const words = await answer(renewScript(ground.paths, { run, token }, 60))
  return words.slice(0, 2).join(' ')
}

async function release(run: string, token: number): Promise<string> {
  return (await answer(releaseScript(ground.paths, { run, token }))).join(' ')
}

/** Something that is at work on the host until it is told to end. */
async function atWork(): Promise<{ end: () => void }> {
  ground.write('gw-1', 'state/work', '')
  const work = spawn('flock', [ground.at('gw-1', 'state/work'), 'sh', '-c', 'echo at work; read -r end'])
  await once(work.stdout, 'data')
  return { end: () => work.stdin.end() }
}

/** Fulfils when somebody waits for the one that is at work. */
async function somebodyWaits(): Promise<void> {
  const { ino } = statSync(ground.at('gw-1', 'state/work'))
  const waiting = new RegExp(`-> FLOCK .*:${ino} `)
  await expect.poll(() => readFileSync('/proc/locks', 'utf8'), { timeout: 5000 }).toMatch(waiting)
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

describe('taking over', () => {
  it('waits for what the old run still has at work, and says so when it does not end', async () => {
    await acquire(ONE)
    ground.expire()
    const work = await atWork()
    expect((await acquire(TWO, 1)).slice(0, 5)).toEqual([
      'lock',
      'busy',
      '1',
      'over',
      expect.stringMatching(/^-/),
    ])
    const waiting = acquire(TWO)
    work.end()
    expect((await waiting).slice(0, 3)).toEqual(['lock', 'taken', '2'])
  })

  it('waits for what is at work where no lock is left, too', async () => {
    const work = await atWork()
    expect((await acquire(TWO, 1)).slice(0, 2)).toEqual(['lock', 'busy'])
    work.end()
    expect((await acquire(TWO)).slice(0, 3)).toEqual(['lock', 'taken', '1'])
  })

  it('leaves the publish of another run alone that took over while it waited', async () => {
    await acquire(ONE)
    ground.expire()
    const work = await atWork()
    const waiting = acquire(TWO)
    await somebodyWaits()
    const [, , boot = ''] = ground.read('gw-1', 'state/lock/lease').split(' ')
    ground.write('gw-1', 'state/lock/lease', `2 999999999 ${boot} cccc0003\n`)
    ground.write('gw-1', 'state/trial/revert', 'rm -r state/trial')
    work.end()
    expect((await waiting).slice(0, 4)).toEqual(['lock', 'held', '2', 'live'])
    expect(ground.exists('gw-1', 'state/trial/revert')).toBe(true)
  })

  it('undoes what the old run published without confirming it, while nobody else can change the host', async () => {
    await acquire(ONE)
    const script =
      'flock -n state/work true || echo "$1 $GW_WORK_HELD, and work is held" >said; rm -r state/trial'
    ground.write('gw-1', 'state/trial/revert', script)
    ground.expire()
    expect((await acquire(TWO)).slice(0, 3)).toEqual(['lock', 'taken', '2'])
    expect(ground.read('gw-1', 'said')).toBe('takeover 1, and work is held\n')
  })

  it('undoes a publish that a run left behind which let its lock go', async () => {
    ground.write('gw-1', 'state/trial/revert', 'rm -r state/trial')
    expect((await acquire(TWO)).slice(0, 3)).toEqual(['lock', 'taken', '1'])
    expect(ground.exists('gw-1', 'state/trial')).toBe(false)
  })

  it('is refused when that cannot be undone, with the reason', async () => {
    await acquire(ONE)
    ground.write('gw-1', 'state/trial/revert', 'echo "keepalived does not reload" >&2; exit 1')
    ground.expire()
    const { text, frames } = await ground.run(
      'gw-1',
      acquireScript(ground.paths, { holder: holder(TWO), leaseSeconds: 60 }),
    )
    expect(frames[0]?.slice(0, 4)).toEqual(['lock', 'unreverted', '1', 'over'])
    expect(text).toBe('keepalived does not reload\n')
    expect(await ground.holder()).toBe(ONE)
  })

  it('never gives a token twice, whatever is left of the files', async () => {
    ground.write('gw-1', 'state/token', '7\n')
    expect((await acquire(ONE))[2]).toBe('8')
    ground.write('gw-1', 'state/token', '08 what\n')
    expect((await acquire(ONE))[2]).toBe('9')
    ground.write('gw-1', 'state/lock/lease', '')
    ground.write('gw-1', 'state/lock/holder.json', '{"by":')
    expect((await acquire(TWO)).slice(0, 5)).toEqual(['lock', 'taken', '10', '0', 'over'])
  })

  it('says why when the state cannot be written', async () => {
    ground.write('gw-1', 'state', 'a file where the folder should be')
    const script = acquireScript(ground.paths, { holder: holder(TWO), leaseSeconds: 60 })
    const { text, frames } = await ground.run('gw-1', script)
    expect(frames).toEqual([['lock', 'failed']])
    expect(text).toContain('File exists')
  })
})

describe('a lock that is held', () => {
  it('is renewed and released by its own token only', async () => {
    await acquire(ONE)
    expect(await renew(ONE, 1)).toBe('lock renewed')
    expect(await renew(ONE, 2)).toBe('fenced taken')
    expect(await renew(TWO, 1)).toBe('fenced taken')
    expect([await release(ONE, 2), await release(TWO, 1)]).toEqual(['lock kept', 'lock kept'])
    expect(await ground.holder()).toBe(`${ONE}+`)
    expect(await release(ONE, 1)).toBe('lock released')
    expect(await ground.holder()).toBe('free')
    expect([await renew(ONE, 1), await release(ONE, 1)]).toEqual(['fenced gone', 'lock kept'])
  })

  it('is not renewed any more once its lease is over, but can be let go', async () => {
    await acquire(ONE)
    ground.expire()
    expect(await renew(ONE, 1)).toBe('fenced over')
    expect(await ground.holder()).toBe(ONE)
    expect(await release(ONE, 1)).toBe('lock released')
    expect(await ground.holder()).toBe('free')
  })

  it('stays as that of an unfinished run when something is still at work as its run ends', async () => {
    await acquire(ONE)
    const work = await atWork()
    expect(await release(ONE, 1)).toBe('lock busy')
    expect(await ground.holder()).toBe(ONE)
    work.end()
    expect((await acquire(TWO)).slice(0, 5)).toEqual(['lock', 'taken', '2', '1', 'over'])
  })

  it('is left with its lease over, and the watchdog of its run looks at once', async () => {
    await acquire(ONE)
    ground.write('gw-1', 'bin/systemctl', '#!/bin/sh\necho "$*" >>asked\n')
    const path = sh`chmod +x bin/systemctl; PATH=$PWD/bin:$PATH`
    expect(await answer(lines([path, leaveScript(ground.paths, { run: ONE, token: 1 })]))).toEqual([
      'lock',
      'renewed',
    ])
    expect((await ground.seen()).lock?.leftSeconds).toBeLessThanOrEqual(1)
    expect(ground.read('gw-1', 'asked')).toBe(`start --no-block gw-watchdog-${ONE}.service\n`)
  })

  it('may be put back for the run that it was taken over from, over as it was', async () => {
    await acquire(ONE)
    ground.expire()
    await acquire(TWO)
    const unfinished = { holder: holder(ONE), token: 1 }
    expect(await answer(releaseScript(ground.paths, { run: TWO, token: 2 }, unfinished))).toEqual([
      'lock',
      'released',
    ])
    expect(await ground.seen()).toMatchObject({ lock: { ...unfinished }, token: 2 })
    expect(await ground.holder()).toBe(ONE)
    expect((await acquire(TWO))[2]).toBe('3')
  })
})

it('of a host without any state is gone, and nothing is made there', async () => {
  expect([await renew(ONE, 1), await release(ONE, 1)]).toEqual(['fenced gone', 'lock kept'])
  expect(ground.exists('gw-1', 'state')).toBe(false)
})

describe('the fence', () => {
  const fence = { run: ONE, token: 1 }

  it('lets a change through that holds the lock, and no other', async () => {
    expect(await ground.change('gw-1', fence)).toBe('gone')
    await acquire(ONE)
    expect(await ground.change('gw-1', fence)).toBe('changed')
    expect(await ground.change('gw-1', { run: TWO, token: 1 })).toBe('taken')
    ground.expire()
    expect(await ground.change('gw-1', fence)).toBe('over')
    await acquire(TWO)
    expect(await ground.change('gw-1', fence)).toBe('taken')
  })

  it('is held by a child that outlives its program, until that ends', async () => {
    await acquire(ONE)
    await ground.run('gw-1', sh`mkfifo end`)
    expect(await ground.change('gw-1', fence, 'cat end 3>&- >/dev/null 2>&1 &')).toBe('changed')
    expect(await ground.change('gw-1', fence)).toBe('busy')
    await ground.run('gw-1', sh`echo now >end`)
    expect(await ground.change('gw-1', fence, ':', 5)).toBe('changed')
  })

  it('tells both tokens and who has the lock now', () => {
    const json = Buffer.from(JSON.stringify(holder(TWO))).toString('base64')
    const error: GwError = readFenced('gw-1', ['fenced', 'taken', '1', '2', 'live', '30', TWO, '2', json])
    expect(error).toMatchObject({ code: 'LOCK_LOST', host: 'gw-1' })
    expect(error.message).toBe(
      'this run may not change the host: another run has the lock now (its token is 1; token 2 is there, of run bbbb0002 (gw deploy test by alice@laptop)); this program changed nothing',
    )
  })
})
