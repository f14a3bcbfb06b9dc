import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LockGround } from './lock-ground.js'
import { TrialRun } from './trial-run.js'

const HOSTS = ['h1', 'h2'] as const
const DEAD = 'aaaa0001'

let ground: LockGround

beforeEach(async () => {
  ground = new LockGround()
  for (const host of HOSTS) ground.write(host, 'release', 'old\n')
  const lock = await ground.acquire(DEAD, HOSTS)
  await lock.leave()
  for (const host of HOSTS) ground.expire(host)
})

afterEach(() => {
  ground.dispose()
})

/** The run whose lease a host has. */
function runOf(host: string): string {
  const lease = 'state/lock/lease'
  return ground.exists(host, lease) ? (ground.read(host, lease).trim().split(' ')[3] ?? '') : 'none'
}

describe('a run that takes over the locks of one that did not end', () => {
  it('leaves them as they were when it changes nothing, for whoever settles that run', async () => {
    const report = await new TrialRun(ground).fail('guard h1').run(HOSTS)

    expect(report.end).toBe('untouched')
    expect(HOSTS.map(runOf)).toEqual([DEAD, DEAD])
  })

  it('lets them go when it has done its work', async () => {
    const report = await new TrialRun(ground).run(HOSTS)

    expect(report.end).toBe('confirmed')
    expect(HOSTS.map(runOf)).toEqual(['none', 'none'])
  })
})
