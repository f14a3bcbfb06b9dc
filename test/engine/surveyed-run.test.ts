import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConnectionDriver } from '../../src/connection/connection.js'
import { play, type Procedure, type Survey, type SurveyedPlaybook, task } from '../../src/engine/playbook.js'
import { runPlaybook } from '../../src/engine/run.js'
import { GwError } from '../../src/errors.js'
import { ask, type Question } from '../../src/facts/fact.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { firstLine, line, outcomes, runOptions } from './fixtures.js'
import { LockGround } from './lock-ground.js'

const RELEASE = ask(firstLine, 'release')
const FOLLOWER = ask(firstLine, 'follower')
/** Counts what is asked: a ground where all hosts are one folder. */
let driver: LocalDriver
let ground: LockGround

beforeEach(() => {
  ground = new LockGround()
  driver = new LocalDriver()
  driver.prepare = (command) => `cd '${ground.at('h1').replaceAll("'", "'\\''")}' && ${command}`
  ground.write('h1', 'release', '1\n')
  ground.write('h1', 'follower', '1\n')
})

afterEach(() => {
  ground.dispose()
})

/** Wants the follower to be what the release is. */
function following(
  foreseen: readonly Question<unknown>[],
  procedure: (survey: Survey) => Partial<Procedure> = () => ({}),
): SurveyedPlaybook {
  return {
    name: 'following',
    hosts: 'all',
    questions: () => [RELEASE, ...foreseen],
    procedure: (survey) => {
      const release = [...survey.values()][0]?.to(RELEASE) ?? ''
      const tasks = () => [task('follow', line('follower', release))]
      return {
        plays: [play({ name: 'follow', hosts: 'all', tasks })],
        release,
        before: {},
        ...procedure(survey),
      }
    },
  }
}

describe('a playbook that depends on how its hosts stand', () => {
  it('costs one round trip when nothing is to be changed and its questions were foreseen', async () => {
    const report = await runPlaybook(following([FOLLOWER]), runOptions(driver, ['h1']))

    expect(outcomes(report)).toEqual({ h1: ['ok'] })
    expect([driver.connections, driver.channels]).toEqual([1, 1])
  })

  it('asks what could not be foreseen in another one, over the same connection', async () => {
    const report = await runPlaybook(following([]), runOptions(driver, ['h1']))

    expect(outcomes(report)).toEqual({ h1: ['ok'] })
    expect([driver.connections, driver.channels]).toEqual([1, 2])
  })

  it('does what it decided by what the hosts said', async () => {
    ground.write('h1', 'release', '7\n')

    const report = await runPlaybook(following([FOLLOWER]), runOptions(driver, ['h1']))

    expect(report).toMatchObject({ release: '7', end: 'untouched' })
    expect(ground.read('h1', 'follower')).toBe('7\n')
  })

  it('ends the run when it cannot be done on such hosts', async () => {
    const impossible = following([], () => {
      throw new GwError('RELEASE_UNKNOWN', 'there is no release to go back to')
    })

    await expect(runPlaybook(impossible, runOptions(driver, ['h1']))).rejects.toMatchObject({
      code: 'RELEASE_UNKNOWN',
    })
  })

  it('is not asked what to do when no host could say how it stands', async () => {
    const unasked = following([], () => {
      throw new Error('asked')
    })
    const report = await runPlaybook(unasked, runOptions(nobody(['h1', 'h2']), ['h1', 'h2']))

    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['unreachable', 'unreachable'])
    expect(report).toMatchObject({ release: null })
  })

  it('changes no host when one of them could not say how it stands', async () => {
    ground.write('h1', 'release', '7\n')
    let seen: string[] = []
    const playbook = following([], (survey) => {
      seen = [...survey.keys()]
      return {}
    })

    const report = await runPlaybook(playbook, runOptions(nobody(['h2']), ['h1', 'h2']))

    expect(seen).toEqual(['h1'])
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['skipped', 'unreachable'])
    expect(ground.read('h1', 'follower')).toBe('1\n')
  })

  /** Reaches all hosts but these. */
  function nobody(hosts: readonly string[]): ConnectionDriver {
    return {
      connect: (_target, { host }) =>
        hosts.includes(host)
          ? Promise.reject(new GwError('CONNECTION_REFUSED', 'nobody is there', { host }))
          : driver.connect(),
    }
  }
})
