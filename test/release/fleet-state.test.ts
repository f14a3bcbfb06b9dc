import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drillNextSteps } from '../../src/release/fleet-drills.js'
import { fleetState, type HostState } from '../../src/release/fleet-state.js'
import { fleetNextSteps, fleetWords } from '../../src/release/fleet-words.js'
import { BY_HAND, host, lockOf, REVERTED, RUN, TRIAL, undoneBy } from './fleet-hosts.js'

interface Case {
  readonly title: string
  readonly hosts: readonly HostState[]
  readonly unreachable?: readonly string[]
  readonly word: string
  readonly release?: string
  readonly words: readonly string[]
  readonly next: readonly string[]
}

const CASES: readonly Case[] = [
  {
    title: 'one release everywhere',
    hosts: [host('gw-1', { vip: true }), host('gw-2')],
    word: 'whole',
    release: 'v1.2',
    words: ['whole on v1.2'],
    next: [],
  },
  {
    title: 'nothing published',
    hosts: [host('gw-1', { current: null }), host('gw-2', { current: null })],
    word: 'unpublished',
    words: ['no release was published yet'],
    next: ['gw deploy'],
  },
  {
    title: 'what stood there before',
    hosts: [host('gw-1', { current: 'original' })],
    word: 'whole',
    release: 'original',
    words: ['whole on what stood there before gw'],
    next: [],
  },
  {
    title: 'two releases',
    hosts: [host('gw-1', { current: 'v1.3' }), host('gw-2'), host('gw-3', { current: null })],
    word: 'mixed',
    words: ['mixed: v1.3 on gw-1; v1.2 on gw-2; no release on gw-3'],
    next: ['gw deploy', 'gw rollback'],
  },
  {
    title: 'two releases of the same name',
    hosts: [
      host('gw-1', { made: '2026-11-21T19:00:00Z' }),
      host('gw-2', { made: '2026-11-21T20:00:00Z' }),
      host('gw-3', { made: '2026-11-21T19:00:00Z' }),
    ],
    word: 'mixed',
    words: [
      'mixed: v1.2 of 2026-11-21T19:00:00Z by ann@laptop on gw-1, gw-3; v1.2 of 2026-11-21T20:00:00Z by ann@laptop on gw-2',
    ],
    next: ['gw deploy', 'gw rollback'],
  },
  {
    title: 'a release on trial everywhere whose lease is over',
    hosts: [host('gw-1', { current: 'v1.3', trial: TRIAL, lock: lockOf('3fa9c210', 0) })],
    word: 'unfinished',
    release: 'v1.3',
    words: [
      'run 3fa9c210 (gw deploy production by alice@laptop) did not end; left on gw-1; not confirmed: v1.3 on gw-1',
      'all serve v1.3',
    ],
    next: ['gw resume', 'gw abort'],
  },
  {
    title: 'a host that cannot be asked',
    hosts: [host('gw-1')],
    unreachable: ['gw-2'],
    word: 'unknown',
    words: ['v1.2 on gw-1', 'not known: gw-2'],
    next: [],
  },
  {
    title: 'no host that can be asked',
    hosts: [],
    unreachable: ['gw-1'],
    word: 'unknown',
    words: ['no host answered', 'not known: gw-1'],
    next: [],
  },
  {
    title: 'a run at work',
    hosts: [
      host('gw-1', { current: 'v1.3', lock: lockOf('3fa9c210', 20), trial: TRIAL }),
      host('gw-2', { lock: lockOf('3fa9c210', 20) }),
    ],
    word: 'running',
    words: [
      'run 3fa9c210 (gw deploy production by alice@laptop) is at work on gw-1, gw-2; not confirmed: v1.3 on gw-1',
      'mixed: v1.3 on gw-1; v1.2 on gw-2',
    ],
    next: ['gw lock status'],
  },
  {
    title: 'a run whose lease is over on one host alone',
    hosts: [host('gw-1', { lock: lockOf('3fa9c210', 0) }), host('gw-2', { lock: lockOf('3fa9c210', 3) })],
    word: 'running',
    release: 'v1.2',
    words: ['run 3fa9c210 (gw deploy production by alice@laptop) is at work on gw-1, gw-2', 'all serve v1.2'],
    next: ['gw lock status'],
  },
  {
    title: 'a run that did not end',
    hosts: [host('gw-1', { lock: lockOf('3fa9c210', -5) }), host('gw-2')],
    word: 'unfinished',
    release: 'v1.2',
    words: [
      'run 3fa9c210 (gw deploy production by alice@laptop) did not end; left on gw-1',
      'all serve v1.2',
    ],
    next: ['gw resume', 'gw abort'],
  },
  {
    title: 'a trial that outlived its lock, while another run works',
    hosts: [host('gw-1', { current: 'v1.3', trial: TRIAL }), host('gw-2', { lock: lockOf('bbbbbbbb', 9) })],
    word: 'unfinished',
    words: [
      'run 3fa9c210 did not end; left on gw-1; not confirmed: v1.3 on gw-1',
      'run bbbbbbbb (gw deploy production by alice@laptop) is at work on gw-2',
      'mixed: v1.3 on gw-1; v1.2 on gw-2',
    ],
    next: ['gw resume', 'gw abort'],
  },
  {
    title: 'a lock taken by hand',
    hosts: [
      host('gw-1', { lock: lockOf('cccccccc', 7190, BY_HAND) }),
      host('gw-2', { lock: lockOf('cccccccc', 7189, BY_HAND) }),
    ],
    word: 'locked',
    release: 'v1.2',
    words: [
      'locked by alice@laptop since 2026-11-21T20:00:00Z: moving the rack (1 h 59 min left) on gw-1, gw-2',
      'all serve v1.2',
    ],
    next: ['gw lock release'],
  },
  {
    title: 'a lock taken by hand that was left to run out',
    hosts: [host('gw-1', { lock: lockOf('cccccccc', 0, BY_HAND) })],
    word: 'whole',
    release: 'v1.2',
    words: ['whole on v1.2'],
    next: [],
  },
  {
    title: 'a run that publishes nothing and did not end',
    hosts: [host('gw-1', { lock: lockOf('cccccccc', 0, { release: null, command: 'gw run x.ts' }) })],
    word: 'unfinished',
    release: 'v1.2',
    words: ['run cccccccc (gw run x.ts by alice@laptop) did not end; left on gw-1', 'all serve v1.2'],
    next: ['gw lock release'],
  },
  {
    title: 'a release that was undone',
    hosts: [host('gw-1', { reverted: REVERTED }), host('gw-2', { reverted: { ...REVERTED, by: 'boot' } })],
    word: 'whole',
    release: 'v1.2',
    words: [
      'whole on v1.2',
      'gw-1 went back from v1.3 to v1.2 at 2026-11-21T02:00:00Z, undone by its watchdog, since nobody confirmed it (run 3fa9c210)',
      'gw-2 went back from v1.3 to v1.2 at 2026-11-21T02:00:00Z, undone by its boot, since nobody had confirmed it (run 3fa9c210)',
    ],
    next: [],
  },
  {
    title: 'two holders of the virtual IP',
    hosts: [host('gw-1', { vip: true }), host('gw-2', { vip: true })],
    word: 'whole',
    release: 'v1.2',
    words: ['whole on v1.2', 'several hosts have the virtual IP: gw-1, gw-2'],
    next: [],
  },
  {
    title: 'a fault of a drill that stands, and one that a host undid alone',
    hosts: [
      host('gw-1', { drill: { armed: { run: RUN, scenario: 'peer-cut', leftSeconds: 12 } } }),
      host('gw-2', { drill: { undone: undoneBy('host') } }),
    ],
    word: 'whole',
    release: 'v1.2',
    words: [
      `gw-1 is disturbed by peer-cut of the drill ${RUN}, and undoes it within 12 s`,
      `the drill ${RUN} did not end: its host-cut on gw-2 was undone at 2026-11-21T20:00:00Z by the host alone, when the time was over`,
      'whole on v1.2',
    ],
    next: [],
  },
  {
    title: 'drills that were undone as they should',
    hosts: [
      host('gw-1', { drill: { undone: undoneBy('gw') } }),
      host('gw-2', { drill: { undone: { ...undoneBy('boot'), scenario: 'reboot' } } }),
    ],
    word: 'whole',
    release: 'v1.2',
    words: ['whole on v1.2'],
    next: [],
  },
]

describe('the state of a fleet', () => {
  it.each(CASES)('with $title', ({ hosts, unreachable = [], word, release = null, words, next }) => {
    const state = fleetState(hosts, unreachable)
    expect(state).toMatchObject({ word, release })
    expect(fleetWords(state)).toEqual(words)
    const steps = fleetNextSteps(state, 'production')
    expect(steps.map((step) => step.replace(/ production .*/, ''))).toEqual(next)
  })

  it('tells what to type where the fault of a drill should have been undone', () => {
    const overdue = { run: RUN, scenario: 'host-cut', leftSeconds: -1 }
    const { drills } = fleetState([host('gw-1', { drill: { armed: overdue } }), host('gw-2')], [])
    expect(drillNextSteps(drills, 'production')).toEqual([
      'gw exec production gw-1 -- sh /var/lib/gw/drill/undo gw undoes it.',
    ])
  })

  const seen = fc.record({
    current: fc.constantFrom(null, 'v1.2', 'v1.3'),
    run: fc.constantFrom(null, 'aaaaaaaa', 'bbbbbbbb'),
    leftSeconds: fc.integer({ min: -2, max: 2 }),
    trial: fc.option(fc.constantFrom('aaaaaaaa', 'cccccccc')),
  })

  it('is whole only when every host is known, serves the same and no run has it', () => {
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 4 }), fc.boolean(), (all, missing) => {
        const hosts = all.map(({ current, run, leftSeconds, trial }, index) =>
          host(`gw-${index}`, {
            current,
            ...(run === null ? {} : { lock: lockOf(run, leftSeconds) }),
            ...(trial === null ? {} : { trial: { ...TRIAL, run: trial } }),
          }),
        )
        const { word } = fleetState(hosts, missing ? ['gw-9'] : [])
        const quiet = all.every(({ run, trial }) => run === null && trial === null)
        const alike = new Set(all.map(({ current }) => current)).size === 1 && all[0]?.current !== null
        expect(word === 'whole').toBe(quiet && alike && !missing)
        const over = all.some(({ run, trial }) => {
          const left = [run, trial].filter((name) => name !== null)
          return left.some((name) => !all.some((other) => other.run === name && other.leftSeconds > 0))
        })
        expect(word === 'unfinished').toBe(over)
      }),
    )
  })
})
