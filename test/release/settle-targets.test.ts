import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Holder, LockState } from '../../src/model/lock.js'
import { abortTargets, resumeTargets } from '../../src/release/settle-targets.js'
import { unfinishedRun, type UnfinishedRun } from '../../src/release/unfinished-run.js'
import { anyStores, storeOf, storesOf, type Stores } from './store-text.js'

const RUN = '0a1b2c3d'

function holder(more: Partial<Holder> = {}): Holder {
  return {
    kind: 'run',
    run: RUN,
    by: 'ann@laptop',
    command: 'gw deploy production',
    reason: '',
    since: '2026-11-21T20:00:00.000Z',
    release: 'v1.2',
    before: 'v1.1',
    hosts: ['gw-1', 'gw-2'],
    ...more,
  }
}

const lock = (more: Partial<Holder> = {}, leftSeconds = 0): LockState => ({
  holder: holder(more),
  token: 4,
  leftSeconds,
})

const run = (more: Partial<Holder> = {}, holders = ['gw-1', 'gw-2']): UnfinishedRun => ({
  holder: holder(more),
  holders: Object.fromEntries(holders.map((host) => [host, holder(more)])),
})

/** The run's release on trial on a host. */
const onTrial = (text: string) => storeOf(text, { trial: { run: RUN, release: 'v1.2', before: 'v1.1' } })

describe('the run that did not end', () => {
  it('is the one whose locks are left, with what it was about on each host', () => {
    const locks = { 'gw-1': lock({ before: 'v1.1' }), 'gw-2': lock({ before: 'v1.0' }), 'gw-3': null }
    expect(unfinishedRun(locks)).toMatchObject({
      holder: { run: RUN },
      holders: { 'gw-1': { before: 'v1.1' }, 'gw-2': { before: 'v1.0' } },
    })
  })

  it('is the newest of several, and its holders are its own', () => {
    const older = lock({ run: 'aaaaaaaa', since: '2026-11-21T19:00:00.000Z' }, 20)
    const { holder: newest, holders } = unfinishedRun({ 'gw-1': lock(), 'gw-2': older })
    expect([newest.run, Object.keys(holders)]).toEqual([RUN, ['gw-1']])
  })

  it.each([
    ['every lock was let go', null],
    ['a person has taken them by hand', lock({ kind: 'hand', release: null }, 20)],
  ])('is none where %s', (_title, left) => {
    expect(() => unfinishedRun({ 'gw-1': left })).toThrow(
      expect.objectContaining({ code: 'NO_RUN_TO_RESUME', exitCode: 2 }),
    )
  })
})

describe('what ends a run by going on', () => {
  it('is its release on all its hosts, while others are left alone', () => {
    const stores = storesOf({ 'gw-1': 'v1.1 >v1.2', 'gw-2': '>v1.1 v1.2?', 'gw-3': '>v1.0', 'gw-4': '' })
    expect(resumeTargets(run(), stores)).toEqual({
      release: 'v1.2',
      targets: { 'gw-1': 'v1.2', 'gw-2': 'v1.2' },
    })
  })

  it.each([
    ['it publishes nothing', run({ release: null }), 'NO_RUN_TO_RESUME', 'publishes no release'],
    [
      'its release does not lie everywhere',
      run(),
      'RELEASE_UNKNOWN',
      'v1.2 on gw-2, so it published nothing',
    ],
  ])('is refused when %s', (_title, unfinished, code, message) => {
    const stores = storesOf({ 'gw-1': '>v1.1 v1.2?', 'gw-2': '>v1.1' })
    expect(() => resumeTargets(unfinished, stores)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    )
  })
})

/** What hosts have, what the run was about, and what they get. */
const ABORTS: Record<string, readonly [Stores, UnfinishedRun, Record<string, string>]> = {
  'nothing where the run had changed nothing': [
    storesOf({ 'gw-1': '>v1.1 v1.2?', 'gw-2': '>v1.1' }),
    run(),
    { 'gw-1': 'v1.1', 'gw-2': 'v1.1' },
  ],
  'what was before a trial, which the taking over of the lock undoes': [
    { 'gw-1': onTrial('v1.1 >v1.2?'), 'gw-2': storeOf('>v1.1 v1.2?') },
    run(),
    { 'gw-1': 'v1.1', 'gw-2': 'v1.1' },
  ],
  'what was before where it is confirmed already': [
    { 'gw-1': storeOf('<v1.1 >v1.2'), 'gw-2': onTrial('v1.1 >v1.2?') },
    run(),
    { 'gw-1': 'v1.1', 'gw-2': 'v1.1' },
  ],
  'what the lock says was before, rather than the previous one': [
    storesOf({ 'gw-1': 'v1.0 <v1.1 >v1.2' }),
    run({ before: 'v1.0' }),
    { 'gw-1': 'v1.0' },
  ],
  'the previous one where the lock was let go already': [
    storesOf({ 'gw-1': '<v1.1 >v1.2', 'gw-2': 'v1.0 <v1.1 >v1.2' }),
    run({ before: 'v1.0' }, ['gw-2']),
    { 'gw-1': 'v1.1', 'gw-2': 'v1.0' },
  ],
  'nothing new where the run began with its release': [
    storesOf({ 'gw-1': '<v1.1 >v1.2', 'gw-2': '>v1.1 v1.2' }),
    run({ before: 'v1.2' }),
    { 'gw-1': 'v1.2', 'gw-2': 'v1.1' },
  ],
  'nothing on hosts of no lock of it that it did not name, though they confirmed the same release for another run':
    [
      storesOf({ 'gw-1': '<v1.1 >v1.2', 'gw-2': '>v1.1 v1.2?' }),
      run({ hosts: ['gw-2'] }, ['gw-2']),
      { 'gw-2': 'v1.1' },
    ],
  'nothing for a lock without a release': [
    storesOf({ 'gw-1': '>v1.1', 'gw-2': '' }),
    run({ release: null, before: null }),
    { 'gw-1': 'v1.1' },
  ],
}

describe('what ends a run by going back', () => {
  it.each(Object.entries(ABORTS))('is %s', (_title, [stores, unfinished, targets]) => {
    expect(abortTargets(unfinished, stores).targets).toEqual(targets)
  })

  it.each([null, 'original'])('is refused where a host confirmed it and %s was there before', (before) => {
    expect(() => abortTargets(run({ before }), storesOf({ 'gw-1': '>v1.2' }))).toThrow(
      expect.objectContaining({ code: 'RELEASE_UNKNOWN', host: 'gw-1' }),
    )
  })

  it('leaves no host with the release of the run that had another one before', () => {
    fc.assert(
      fc.property(anyStores, fc.constantFrom('v1.0', 'v1.9'), (stores, before) => {
        const hosts = Object.keys(stores)
        const { targets } = abortTargets(run({ before, hosts }, hosts), stores)
        for (const [host, { current }] of Object.entries(stores)) {
          expect(targets[host]).toBe(current === 'v1.2' ? before : (current ?? undefined))
        }
      }),
    )
  })

  it('is the opposite of going on: that leaves no host of the run without its release', () => {
    fc.assert(
      fc.property(anyStores, (stores) => {
        const hosts = Object.keys(stores).filter((host) =>
          stores[host]?.releases.some(({ name }) => name === 'v1.2'),
        )
        const { targets } = resumeTargets(run({ hosts }), stores)
        for (const host of Object.keys(stores)) {
          expect(targets[host]).toBe(hosts.includes(host) ? 'v1.2' : undefined)
        }
      }),
    )
  })
})
