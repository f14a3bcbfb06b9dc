import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src/engine/events.js'
import type { FleetPlan } from '../../src/engine/plan.js'
import { play, type SurveyedPlaybook, task } from '../../src/engine/playbook.js'
import type { RunReport } from '../../src/engine/report.js'
import { runPlaybook } from '../../src/engine/run.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import { ask } from '../../src/facts/fact.js'
import { RUN, firstLine, line, runOptions } from './fixtures.js'
import { LockGround } from './lock-ground.js'
import { lockSettings, TrialRun } from './trial-run.js'

const HOSTS = ['h1', 'h2'] as const
const RELEASE = ask(firstLine, 'release')

let ground: LockGround
let events: EngineEvent[]

beforeEach(() => {
  ground = new LockGround()
  events = []
  for (const host of HOSTS) ground.write(host, 'release', '1\n')
})

afterEach(() => {
  ground.dispose()
})

/** Gives every host the release after the highest one; with `step` 0 there is nothing to change. */
function next(step: number, settles = false): SurveyedPlaybook {
  return {
    name: 'next',
    hosts: 'all',
    questions: () => [RELEASE],
    procedure: (survey) => {
      const seen = [...survey].map(([host, answers]): [string, string] => [host, answers.to(RELEASE)])
      const release = String(Math.max(...seen.map(([, each]) => Number(each))) + step)
      const tasks = () => [task('publish', line('release', release))]
      const plays = [play({ name: 'publish', hosts: 'all', tasks })]
      return { plays, release, before: Object.fromEntries(seen), settles }
    },
  }
}

function run(playbook: SurveyedPlaybook, more: Partial<RunOptions> = {}): Promise<RunReport> {
  const options = runOptions(ground.reach.driver, HOSTS, {
    reach: ground.reach,
    lock: lockSettings(ground),
    emit: (event) => events.push(event),
    ...more,
  })
  return runPlaybook(playbook, options)
}

const releases = () => HOSTS.map((host) => ground.read(host, 'release').trim())
const holders = () => Promise.all(HOSTS.map((host) => ground.holder(host)))

/** A run that left its locks behind, whose leases are over. */
async function leftUnfinished(hosts: readonly string[]): Promise<void> {
  const lock = await ground.acquire('aaaa0001', hosts)
  await lock.leave()
  for (const host of hosts) ground.expire(host)
}

/** The summaries of a plan, each once. */
function summaries({ hosts }: FleetPlan): string[] {
  const tasks = hosts.flatMap(({ plays }) => plays).flatMap((each) => each.tasks)
  return [...new Set(tasks.flatMap(({ decision }) => (decision.kind === 'change' ? [decision.summary] : [])))]
}

/** Says yes to every plan, after `work` the first time; `shown` has what was asked. */
class Answerer {
  readonly shown: string[][] = []
  readonly #work: () => Promise<unknown>

  constructor(work: () => Promise<unknown> = () => Promise.resolve()) {
    this.#work = work
  }

  readonly approve = async (plan: FleetPlan): Promise<boolean> => {
    this.shown.push(summaries(plan))
    if (this.shown.length === 1) await this.#work()
    return true
  }
}

describe('a run that changes its hosts', () => {
  it('has no lock while it asks, has them all while it changes, and lets them go', async () => {
    const seen: string[][] = []
    // At once: the run goes on meanwhile.
    const look = () => seen.push(HOSTS.map((host) => ground.leasedTo(host)))
    const answerer = new Answerer(() => Promise.resolve(look()))

    const report = await run(next(1), {
      approve: answerer.approve,
      emit: ({ type }) => {
        if (type === 'task.started') look()
      },
    })

    expect(seen).toEqual([
      ['none', 'none'],
      [RUN, RUN],
      [RUN, RUN],
    ])
    expect(await holders()).toEqual(['free', 'free'])
    expect(releases()).toEqual(['2', '2'])
    expect(report).toMatchObject({ release: '2', before: { h1: '1', h2: '1' } })
  })

  it('writes into each lock what it is about', async () => {
    let told: unknown
    await run(next(1), {
      emit: ({ type }) => {
        if (type === 'task.started') told = JSON.parse(ground.read('h1', 'state/lock/holder.json'))
      },
    })

    expect(told).toMatchObject({
      ...{ run: RUN, by: 'alice@laptop', command: 'gw deploy test' },
      ...{ release: '2', before: '1', hosts: ['h1', 'h2'] },
    })
  })
})

describe('a host that another run has', () => {
  it('is told before anybody thinks about the plan, and nothing is changed', async () => {
    const other = await ground.acquire('aaaa0001', ['h2'])
    const answerer = new Answerer()

    await expect(run(next(1), { approve: answerer.approve })).rejects.toMatchObject({
      code: 'LOCK_HELD',
      exitCode: 7,
      message: expect.stringContaining('aaaa0001') as string,
    })

    expect(answerer.shown).toEqual([])
    expect(releases()).toEqual(['1', '1'])
    await other.release()
    expect(await holders()).toEqual(['free', 'free'])
  })

  it('ends a run that finds it so when it has asked, and the locks it took are free again', async () => {
    const answerer = new Answerer(() => ground.acquire('aaaa0001', ['h2'], { leaseMs: 3_600_000 }))

    await expect(run(next(1), { approve: answerer.approve })).rejects.toMatchObject({ code: 'LOCK_HELD' })

    expect(await holders()).toEqual(['free', 'aaaa0001+'])
    expect(releases()).toEqual(['1', '1'])
  })

  it('is waited for with --lock-wait, and looked at again', async () => {
    const other = await ground.acquire('aaaa0001', ['h2'])
    const answerer = new Answerer()

    const report = await run(next(1), {
      lock: lockSettings(ground, { waitMs: 60_000 }),
      approve: answerer.approve,
      emit: ({ type }) => {
        if (type !== 'lock.waiting') return
        for (const host of HOSTS) ground.write(host, 'release', '5\n')
        void other.release()
      },
    })

    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['changed', 'changed'])
    expect(await holders()).toEqual(['free', 'free'])
  })
})

describe('hosts that changed between the first look and the lock', () => {
  /** Another run publishes 7 and ends. */
  async function anotherRun(): Promise<void> {
    const other = await ground.acquire('aaaa0001', HOSTS)
    for (const host of HOSTS) ground.write(host, 'release', '7\n')
    await other.release()
  }

  it('are looked at again: what is carried out is the new plan, and it is asked for', async () => {
    const answerer = new Answerer(anotherRun)
    let told: unknown

    const report = await run(next(1), {
      approve: answerer.approve,
      emit: ({ type }) => {
        if (type === 'task.started') told = JSON.parse(ground.read('h1', 'state/lock/holder.json'))
      },
    })

    expect(answerer.shown).toEqual([['write 2'], ['write 8']])
    expect(told).toMatchObject({ run: RUN, release: '8', before: '7' })
    expect(releases()).toEqual(['8', '8'])
    expect(report).toMatchObject({ release: '8', before: { h1: '7', h2: '7' } })
    expect(await holders()).toEqual(['free', 'free'])
  })

  it('are looked at again when a run was at work at the first look and has ended since', async () => {
    const other = await ground.acquire('aaaa0001', HOSTS)
    const answerer = new Answerer(async () => {
      for (const host of HOSTS) ground.write(host, 'release', '7\n')
      await other.release()
    })

    await run(next(1), { lock: lockSettings(ground, { waitMs: 60_000 }), approve: answerer.approve })

    expect(answerer.shown).toEqual([['write 2'], ['write 8']])
    expect(releases()).toEqual(['8', '8'])
  })

  it('are left as they are when the new plan is declined', async () => {
    const answerer = new Answerer(anotherRun)
    const approve = async (plan: FleetPlan) => (await answerer.approve(plan)) && answerer.shown.length === 1

    const report = await run(next(1), { approve })

    expect(report.declined).toBe(true)
    expect(releases()).toEqual(['7', '7'])
    expect(await holders()).toEqual(['free', 'free'])
  })

  it('are not asked about when nothing is left to do', async () => {
    const answerer = new Answerer(async () => {
      await anotherRun()
      for (const host of HOSTS) ground.write(host, 'release', '2\n')
    })
    const wanted: SurveyedPlaybook = {
      ...next(0),
      procedure: () => ({
        plays: [
          play({ name: 'publish', hosts: 'all', tasks: () => [task('publish', line('release', '2'))] }),
        ],
        release: '2',
        before: {},
      }),
    }

    const report = await run(wanted, { approve: answerer.approve })

    expect(answerer.shown).toEqual([['write 2']])
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('are looked at again when a run that did not end was taken over, and the same plan is not asked about twice', async () => {
    await leftUnfinished(['h1'])
    const answerer = new Answerer()

    await run(next(1), { approve: answerer.approve })

    expect(answerer.shown).toEqual([['write 2']])
    expect(events.filter(({ type }) => type === 'plan.ready')).toHaveLength(2)
    expect(events).toContainEqual(expect.objectContaining({ type: 'lock.taken-over', host: 'h1' }))
    expect(await holders()).toEqual(['free', 'free'])
  })
})

describe('a run without changes', () => {
  it.each([
    ['with nothing to do', next(0), {}],
    ['in check mode', next(1), { check: true }],
    ['that is declined', next(1), { approve: () => Promise.resolve(false) }],
  ])('%s takes no lock', async (_title, playbook, more) => {
    await run(playbook, more)

    expect(HOSTS.filter((host) => ground.exists(host, 'state/token'))).toEqual([])
    expect(releases()).toEqual(['1', '1'])
  })

  it.each([
    ['to settle', next(0, true), HOSTS],
    ['with nothing to do', next(0), ['h2']],
  ])('%s lets go what a run left that did not end', async (_title, playbook, left) => {
    await leftUnfinished(left)
    const report = await run(playbook)
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(await holders()).toEqual(['free', 'free'])
  })
})

describe('a run that could not settle its hosts', () => {
  it('leaves its locks with their leases over, which say what is to be gone on with', async () => {
    const trial = new TrialRun(ground).fail('confirm h2')

    expect((await trial.run(HOSTS)).end).toBe('unsettled')

    const locks = await Promise.all(HOSTS.map(async (host) => (await ground.seen(host)).lock))
    expect(locks.map((lock) => lock?.holder.run)).toEqual([RUN, RUN])
    // Of a lease of a minute.
    expect(Math.max(...locks.map((lock) => lock?.leftSeconds ?? 60))).toBeLessThan(3)
  })

  it('lets them go once all went back', async () => {
    const trial = new TrialRun(ground).fail('prove h2')

    expect((await trial.run(HOSTS)).end).toBe('reverted')

    expect(await holders()).toEqual(['free', 'free'])
  })
})
