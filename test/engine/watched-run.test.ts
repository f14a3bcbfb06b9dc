import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { task } from '../../src/engine/playbook.js'
import type { RunReport } from '../../src/engine/report.js'
import { runPlaybook } from '../../src/engine/run.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import type { TrialHost, Watch, WatchedPlay } from '../../src/engine/trial.js'
import { GwError } from '../../src/errors.js'
import { type Script, sh } from '../../src/shell/script.js'
import { line, outcomes, runOptions, testHost, testInventory } from './fixtures.js'
import { LockGround } from './lock-ground.js'
import { lockSettings } from './trial-run.js'

let ground: LockGround
let story: string[]
let stop: AbortController
/** Each test has its own: what tells the program of a run to stop may come when that has ended, and stays. */
let runId: string

beforeEach(() => {
  ground = new LockGround()
  story = []
  stop = new AbortController()
  runId = randomBytes(4).toString('hex')
})

afterEach(() => {
  ground.dispose()
  rmSync(`/tmp/.gw-stop-${runId}`, { force: true })
})

const NO = new GwError('PEER_UNFIT', 'no')

function watch(failing: 'guard' | 'prove' | null = null): Watch {
  const look = (what: 'guard' | 'prove') => (host: TrialHost, peers: readonly TrialHost[]) => {
    story.push(`${what} ${host.host.name} beside ${peers.map((peer) => peer.host.name).join(', ')}`)
    return failing === what ? Promise.reject(NO) : Promise.resolve('well')
  }
  return { guard: look('guard'), prove: look('prove') }
}

/** Gives the line of `h1` away, and of no other host. */
function run(own: Watch, change: Script, more: Partial<RunOptions> = {}): Promise<RunReport> {
  const play: WatchedPlay = {
    name: 'move',
    hosts: 'all',
    watch: own,
    tasks: ({ host }) => (host.name === 'h1' ? [task('give', line('line', 'given', change))] : []),
  }
  const options = runOptions(ground.reach.driver, ['h1', 'h2'], {
    inventory: testInventory(['h1', 'h2', 'h3'].map((name) => testHost(name))),
    reach: ground.reach,
    run: runId,
    lock: lockSettings(ground),
    stop: stop.signal,
    emit: (event) => {
      if (event.type === 'task.started') story.push('change')
    },
    ...more,
  })
  return runPlaybook({ name: 'moving', plays: [play] }, options)
}

const GIVE = sh`echo given >line`

describe('a play that is watched', () => {
  it('is guarded before its change and proved after it, beside hosts that are not in the run, too', async () => {
    const report = await run(watch(), GIVE)

    expect(story).toEqual(['guard h1 beside h2, h3', 'change', 'prove h1 beside h2, h3'])
    expect(outcomes(report)).toEqual({ h1: ['changed', 'ok', 'ok'], h2: [] })
    expect(report).toMatchObject({ release: null, end: 'untouched', interrupted: false })
  })

  it('looks at nothing where nothing is to be changed', async () => {
    ground.write('h1', 'line', 'given\n')

    expect(outcomes(await run(watch(), GIVE))).toEqual({ h1: ['ok'], h2: [] })
    expect(story).toEqual([])
  })

  it('changes nothing when its guard refuses', async () => {
    const report = await run(watch('guard'), GIVE)

    expect(story).toEqual(['guard h1 beside h2, h3'])
    expect(report.hosts[0]?.error).toBe(NO)
    expect(ground.exists('h1', 'line')).toBe(false)
  })

  it('proves nothing of a change that failed', async () => {
    const report = await run(watch(), sh`exit 3`)

    expect(story).toEqual(['guard h1 beside h2, h3', 'change'])
    expect(report.hosts[0]?.error?.code).toBe('TASK_FAILED')
  })

  it('fails with what its proof found, the change made', async () => {
    const report = await run(watch('prove'), GIVE)

    expect(report.hosts[0]?.error).toBe(NO)
    expect(ground.read('h1', 'line')).toBe('given\n')
  })

  it('proves its change even when it shall stop', async () => {
    const report = await run(watch(), GIVE, {
      emit: (event) => {
        if (event.type === 'task.ended') stop.abort()
      },
    })

    expect(story).toEqual(['guard h1 beside h2, h3', 'prove h1 beside h2, h3'])
    expect(report).toMatchObject({ interrupted: true, hosts: [{ error: null }, { error: null }] })
  })

  it('is not begun when it shall stop before', async () => {
    const own = watch()
    const guard: Watch['guard'] = (host, peers) => {
      stop.abort()
      return own.guard(host, peers)
    }
    const report = await run({ ...own, guard }, GIVE)

    expect(story).toEqual(['guard h1 beside h2, h3'])
    expect(report.interrupted).toBe(true)
    expect(ground.exists('h1', 'line')).toBe(false)
  })
})
