import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireScript } from '../../src/engine/lock/scripts.js'
import { holder, LockGround } from '../engine/lock-ground.js'

const ONE = 'aaaa0001'
const TWO = 'bbbb0002'

let ground: LockGround
beforeEach(() => {
  ground = new LockGround()
})
afterEach(() => {
  ground.dispose()
})

async function acquire(run: string) {
  const { text, frames } = await ground.run(
    'gw-1',
    acquireScript(ground.paths, { holder: holder(run), leaseSeconds: 60 }),
  )
  return { text, words: frames[0]?.slice(0, 4) ?? [] }
}

const leaveDrill = (undo = 'echo "$1" >said; rm -r state/drill') => {
  ground.write('gw-1', 'state/drill/undo', undo)
}

describe('a run that takes the lock of a drill over', () => {
  it('undoes its fault, while nobody else can change the host', async () => {
    await acquire(ONE)
    leaveDrill('flock -n state/work true || echo "$1, and work is held" >said; rm -r state/drill')
    ground.expire()
    expect((await acquire(TWO)).words.slice(0, 3)).toEqual(['lock', 'taken', '2'])
    expect(ground.read('gw-1', 'said')).toBe('takeover, and work is held\n')
  })

  it('undoes the fault of a drill that has let its lock go', async () => {
    leaveDrill()
    expect((await acquire(TWO)).words.slice(0, 3)).toEqual(['lock', 'taken', '1'])
    expect(ground.exists('gw-1', 'state/drill')).toBe(false)
  })

  it('leaves the fault of a drill alone that still has the lock', async () => {
    await acquire(ONE)
    leaveDrill()
    expect((await acquire(TWO)).words.slice(0, 2)).toEqual(['lock', 'held'])
    expect((await acquire(ONE)).words.slice(0, 2)).toEqual(['lock', 'taken'])
    expect(ground.exists('gw-1', 'state/drill/undo')).toBe(true)
  })

  it('is refused when it cannot be undone, with the reason, and what was published is left for the next', async () => {
    await acquire(ONE)
    leaveDrill('echo "NGINX does not start" >&2; exit 1')
    ground.write('gw-1', 'state/trial/revert', 'rm -r state/trial')
    ground.expire()
    const { words, text } = await acquire(TWO)
    expect(words).toEqual(['lock', 'unreverted', '1', 'over'])
    expect(text).toBe('NGINX does not start\n')
    expect(ground.exists('gw-1', 'state/trial')).toBe(true)
  })
})
