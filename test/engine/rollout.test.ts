import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OnFailure, RolloutEnd } from '../../src/engine/rollout-end.js'
import { LockGround } from './lock-ground.js'
import { type Step, TrialRun } from './trial-run.js'

const HOSTS = ['h1', 'h2', 'h3'] as const

let ground: LockGround
let trial: TrialRun

beforeEach(() => {
  ground = new LockGround()
  trial = new TrialRun(ground)
})

afterEach(() => {
  ground.dispose()
})

const states = () => Object.fromEntries(HOSTS.map((host) => [host, trial.stateOf(host)]))

describe('a rollout', () => {
  it('guards, changes and proves one host after the other, and confirms all of them at the end', async () => {
    const report = await trial.run(HOSTS)

    expect(report.end).toBe('confirmed')
    expect(trial.story.slice(0, 9)).toEqual([
      ...['guard h1 beside h2, h3', 'change h1', 'prove h1'],
      ...['guard h2 beside h1, h3', 'change h2', 'prove h2'],
      ...['guard h3 beside h1, h2', 'change h3', 'prove h3'],
    ])
    expect(trial.story.slice(9).sort()).toEqual(['confirm h1', 'confirm h2', 'confirm h3'])
    expect(states()).toEqual({ h1: 'new, confirmed', h2: 'new, confirmed', h3: 'new, confirmed' })
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['changed', 'changed', 'changed'])
  })

  it('asks gateways that it may not touch whether they can carry the address', async () => {
    await trial.run(['h1'], {}, ['h2', 'h3'])

    expect(trial.story).toEqual(['guard h1 beside h2, h3', 'change h1', 'prove h1', 'confirm h1'])
  })

  it('leaves a host alone that has the change already', async () => {
    ground.write('h1', 'release', 'new\n')

    const report = await trial.run(HOSTS.slice(0, 2))

    expect(trial.story).toEqual(['guard h2 beside h1', 'change h2', 'prove h2', 'confirm h2'])
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['ok', 'changed'])
  })
})

interface Trouble {
  readonly fails: readonly Step[]
  readonly onFailure?: OnFailure
  /** What is done from the failure on. */
  readonly then: readonly string[]
  readonly end: RolloutEnd
  readonly states: readonly [string, string, string]
  readonly failed: readonly string[]
}

const TROUBLES: Record<string, Trouble> = {
  'touches nothing when nobody could take over from the first host': {
    fails: ['guard h1'],
    then: [],
    end: 'untouched',
    states: ['none', 'none', 'none'],
    failed: ['h1'],
  },
  'goes back everywhere when nobody could take over from the second host': {
    fails: ['guard h2'],
    then: ['revert h1'],
    end: 'reverted',
    states: ['old', 'none', 'none'],
    failed: ['h2'],
  },
  'goes back everywhere when a host does not serve it': {
    fails: ['prove h2'],
    then: ['revert h1', 'revert h2'],
    end: 'reverted',
    states: ['old', 'old', 'none'],
    failed: ['h2'],
  },
  'goes back on a host whose change failed half way': {
    fails: ['change h2'],
    then: ['revert h1', 'revert h2'],
    end: 'reverted',
    states: ['old', 'old', 'none'],
    failed: ['h2'],
  },
  'is settled by nobody when a host does not go back, and still takes the others back': {
    fails: ['prove h2', 'revert h2'],
    then: ['revert h1', 'revert h2'],
    end: 'unsettled',
    states: ['old', 'new', 'none'],
    failed: ['h2'],
  },
  'is settled by nobody when one host could not be confirmed': {
    fails: ['confirm h2'],
    then: ['confirm h3'],
    end: 'unsettled',
    states: ['new, confirmed', 'new', 'new, confirmed'],
    failed: ['h2'],
  },
  'with --on-failure keep confirms what was proved and takes only the rest back': {
    fails: ['prove h2'],
    onFailure: 'keep',
    then: ['revert h2', 'confirm h1'],
    end: 'kept',
    states: ['new, confirmed', 'old', 'none'],
    failed: ['h2'],
  },
  'with --on-failure keep goes back when nothing was proved': {
    fails: ['prove h1'],
    onFailure: 'keep',
    then: ['revert h1'],
    end: 'reverted',
    states: ['old', 'none', 'none'],
    failed: ['h1'],
  },
  'with --on-failure keep confirms what was proved, also when another host does not go back': {
    fails: ['prove h2', 'revert h2'],
    onFailure: 'keep',
    then: ['revert h2', 'confirm h1'],
    end: 'unsettled',
    states: ['new, confirmed', 'new', 'none'],
    failed: ['h2'],
  },
}

describe('a host that cannot be confirmed any more', () => {
  it('keeps all others from being confirmed', async () => {
    trial.fail('ready h2')

    const report = await trial.run(HOSTS)

    expect(trial.story.filter((told) => told.startsWith('confirm'))).toEqual([])
    expect(report.end).toBe('reverted')
    expect(Object.values(states())).toEqual(['old', 'old', 'old'])
  })
})

describe('a rollout in trouble', () => {
  it.each(Object.entries(TROUBLES))('%s', async (_title, trouble) => {
    trial.fail(...trouble.fails)
    const [first = ''] = trouble.fails

    const report = await trial.run(HOSTS, { onFailure: trouble.onFailure ?? 'revert' })

    expect(trial.story.slice(trial.story.findIndex((told) => told.startsWith(first)) + 1)).toEqual(
      trouble.then,
    )
    expect(report.end).toBe(trouble.end)
    expect(Object.values(states())).toEqual(trouble.states)
    expect(report.hosts.filter(({ error }) => error !== null).map(({ host }) => host)).toEqual(trouble.failed)
  })

  it.each<OnFailure>(['revert', 'keep'])(
    'goes back everywhere when it is stopped between two hosts, with %s as well',
    async (onFailure) => {
      trial.on('prove h1', () => {
        trial.stop.abort()
      })

      const report = await trial.run(HOSTS, { onFailure })

      expect(trial.story.slice(-2)).toEqual(['prove h1', 'revert h1'])
      expect(report).toMatchObject({ end: 'reverted', interrupted: true })
      expect(states()).toEqual({ h1: 'old', h2: 'none', h3: 'none' })
    },
  )
})

describe('a host that cannot be reached', () => {
  it('is tried again until it is, to go back', async () => {
    trial.fail('prove h2').on('prove h2', () => {
      trial.cut('h2', 2)
    })

    const report = await trial.run(HOSTS)

    expect(report.end).toBe('reverted')
    expect(states()).toEqual({ h1: 'old', h2: 'old', h3: 'none' })
  })

  it('is given up once it has had the time to go back by itself, and the others still go back', async () => {
    trial.fail('prove h2').on('prove h2', () => {
      trial.cut('h2', 1000)
    })

    const report = await trial.run(HOSTS)

    expect(report.end).toBe('unsettled')
    expect(states()).toEqual({ h1: 'old', h2: 'new', h3: 'none' })
  })

  it('is tried again until it is, to be confirmed', async () => {
    trial.on('confirm h1', () => {
      trial.cut('h1', 2)
    })

    expect((await trial.run(HOSTS)).end).toBe('confirmed')
  })
})
