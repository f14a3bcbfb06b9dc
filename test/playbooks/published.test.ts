import { beforeAll, describe, expect, it } from 'vitest'
import { abort } from '../../playbooks/abort.js'
import { resume } from '../../playbooks/resume.js'
import { rollback } from '../../playbooks/rollback.js'
import type { PlayContext } from '../../src/engine/playbook.js'
import type { LockState } from '../../src/model/lock.js'
import type { PublicationSettings } from '../../src/release/publication-settings.js'
import { storeOf } from '../release/store-text.js'
import { GatewayHost, planned, production } from './gateway-host.js'

/** The playbooks that publish what lies on the hosts already. */

let settings: PublicationSettings
let context: PlayContext

beforeAll(async () => {
  const { gateway, context: own } = await production()
  context = own
  settings = { gateway, run: '0a1b2c3d', leaseMs: 30_000, unprotected: false }
})

/** Hosts whose stores are these, in the inventory's order. */
function hosts(
  texts: readonly string[],
  more: { lock?: LockState; broken?: readonly string[] } = {},
): GatewayHost[] {
  return texts.map((text) => new GatewayHost({ store: storeOf(text), ...more }))
}

/** The locks that a run left which was about v1.2, with v1.1 before. */
function left(leftSeconds: number): LockState {
  return {
    holder: {
      ...{ kind: 'run', run: 'aaaaaaaa', by: 'ann@laptop', command: 'gw deploy production', reason: '' },
      ...{ since: '2026-11-21T20:00:00.000Z', release: 'v1.2', before: 'v1.1' },
      hosts: context.hosts.map(({ name }) => name),
    },
    token: 4,
    leftSeconds,
  }
}

/** By task, what would be done; what is as it should be is left out. */
function changes({ decisions }: ReturnType<typeof planned>): string[] {
  return [...decisions].filter(([, { kind }]) => kind !== 'ok').map(([name]) => name)
}

describe('the playbook rollback', () => {
  it('makes sure that the release before can start, and publishes it', () => {
    const plan = planned(rollback(settings, null), context, hosts(['v1.1 >v1.2', 'v1.1 >v1.2']))
    expect(plan).toMatchObject({ release: 'v1.1', before: { [context.host.name]: 'v1.2' } })
    expect([...plan.decisions.keys()]).toContain('Make sure that v1.1 can start')
    expect(changes(plan)).toEqual(['Publish v1.1'])
  })

  it('publishes the release that was asked for, and has nothing to do where it is published', () => {
    const texts = ['v1.0 v1.1 >v1.2', 'v1.0 v1.1 >v1.2']
    expect(changes(planned(rollback(settings, 'v1.0'), context, hosts(texts)))).toEqual(['Publish v1.0'])
    expect(changes(planned(rollback(settings, 'v1.2'), context, hosts(texts)))).toEqual([])
  })

  it('goes no further back when the taking over of the locks has moved hosts', () => {
    const playbook = rollback(settings, null)
    const texts = ['v1.1 v1.2 >v1.3', 'v1.1 v1.2 >v1.3']
    expect(planned(playbook, context, hosts(texts)).release).toBe('v1.2')
    const moved = ['v1.1 >v1.2 v1.3', 'v1.1 >v1.2 v1.3']
    expect(planned(playbook, context, hosts(moved)).release).toBe('v1.2')
  })

  it('is stopped by a release that could not start today, before it changes anything', () => {
    const broken = hosts(['v1.1 >v1.2', 'v1.1 >v1.2'], { broken: ['v1.1'] })
    const { decisions } = planned(rollback(settings, null), context, broken)
    const [first] = [...decisions.values()].filter(({ kind }) => kind !== 'ok')
    expect(first).toMatchObject({ kind: 'blocked', code: 'RELEASE_NOT_STARTABLE' })
  })

  it('asks what it has to know of the release only once it knows which', () => {
    const { unforeseen } = planned(rollback(settings, null), context, hosts(['v1.1 >v1.2', 'v1.1 >v1.2']))
    expect(new Set(unforeseen.map(({ fact }) => fact.name))).toEqual(new Set(['release-check']))
  })
})

describe('the playbook resume', () => {
  it('publishes the release of the run where it is not yet, and takes the locks in any case', () => {
    const half = hosts(['v1.1 >v1.2', '>v1.1 v1.2?'].toReversed(), { lock: left(0) })
    expect(changes(planned(resume(settings), context, half))).toEqual(['Publish v1.2'])

    const whole = planned(resume(settings), context, hosts(['v1.1 >v1.2', 'v1.1 >v1.2'], { lock: left(0) }))
    expect(changes(whole)).toEqual([])
    expect(whole).toMatchObject({ release: 'v1.2', settles: true })
  })

  it('still knows what the run was about once the locks are taken', () => {
    const playbook = resume(settings)
    const texts = ['>v1.1 v1.2?', '>v1.1 v1.2?']
    planned(playbook, context, hosts(texts, { lock: left(0) }))
    expect(planned(playbook, context, hosts(texts)).release).toBe('v1.2')
  })

  it('is refused for no run', () => {
    expect(() => planned(resume(settings), context, hosts(['>v1.1 v1.2?', '>v1.1 v1.2?']))).toThrow(
      expect.objectContaining({ code: 'NO_RUN_TO_RESUME' }),
    )
  })
})

describe('the playbook abort', () => {
  it('publishes what was before where the release of the run is confirmed, and settles it in any case', () => {
    const texts = ['<v1.1 >v1.2', '>v1.1 v1.2?']
    const half = planned(abort(settings), context, hosts(texts, { lock: left(0) }))
    expect(changes(half)).toEqual(['Publish v1.1'])
    expect(half).toMatchObject({ release: 'v1.1', settles: true })

    const none = planned(abort(settings), context, hosts(texts.toReversed(), { lock: left(0) }))
    expect(changes(none)).toEqual([])
  })

  it('leaves the plan alone that the locks said, once they are taken', () => {
    const playbook = abort(settings)
    const texts = ['<v1.1 >v1.2', '<v1.1 >v1.2']
    planned(playbook, context, hosts(texts, { lock: left(0) }))
    expect(changes(planned(playbook, context, hosts(texts)))).toEqual(['Publish v1.1'])
  })

  it('is refused where no run left anything', () => {
    expect(() => planned(abort(settings), context, hosts(['>v1.1', '>v1.1']))).toThrow(
      expect.objectContaining({ code: 'NO_RUN_TO_RESUME' }),
    )
  })
})
