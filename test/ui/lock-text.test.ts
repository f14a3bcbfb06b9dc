import { describe, expect, it } from 'vitest'
import type { Holder } from '../../src/model/lock.js'
import { lockText } from '../../src/ui/lock-text.js'

const holder: Holder = {
  kind: 'run',
  run: '3fa91c02',
  by: 'alice@laptop',
  command: 'gw deploy production',
  reason: '',
  since: '2026-11-21T20:00:00.000Z',
  release: 'v1.3',
  before: 'v1.2',
  hosts: ['gw-1'],
}

describe('what is told of locks', () => {
  it('names who is waited for, since when, and for how long at most', () => {
    const event = { type: 'lock.waiting', host: 'gw-1', holder, leftSeconds: 12 } as const
    expect(lockText(event)).toBe(
      'waiting for the lock: held by run 3fa91c02 (gw deploy production by alice@laptop) since 2026-11-21T20:00:00.000Z; its lease runs 12 s more',
    )
    expect(lockText({ ...event, leftSeconds: -3 })).toContain('; its lease is over')
  })

  it('names the person who took one by hand, and no run', () => {
    const byHand = { ...holder, kind: 'hand', reason: 'moving the rack' } as const
    const event = { type: 'lock.waiting', host: 'gw-1', holder: byHand, leftSeconds: 7190 } as const
    expect(lockText(event)).toBe(
      'waiting for the lock: held by alice@laptop (because: moving the rack) since 2026-11-21T20:00:00.000Z; its lease runs 1 h 59 min more',
    )
    expect(lockText({ type: 'lock.taken-over', host: 'gw-1', holder: byHand })).toBe(
      'took over the lock of alice@laptop (because: moving the rack), whose time was over',
    )
  })

  it('gives the reason, safe to print', () => {
    const hostile = { ...holder, reason: 'cutting\n\u001b[2Jcables' }
    expect(lockText({ type: 'lock.taken-over', host: 'gw-1', holder: hostile })).toBe(
      'took over the lock of run 3fa91c02 (gw deploy production by alice@laptop, because: cutting\\x0acables), which did not end; what it had not confirmed is undone',
    )
  })
})
