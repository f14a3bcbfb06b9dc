import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { execOnHosts } from '../../src/engine/exec.js'
import { play, playbook, task } from '../../src/engine/playbook.js'
import { runPlaybook } from '../../src/engine/run.js'
import { Secret } from '../../src/model/secret.js'
import { sh } from '../../src/shell/script.js'
import { GatheringDriver } from '../fakes/gathering-driver.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { RUN, line, testHost, testInventory } from './fixtures.js'

const HOSTS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((name) => testHost(name))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-forks-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function reachOf(driver: GatheringDriver) {
  return { driver, resolveSecret: () => Promise.resolve(new Secret('unused')) }
}

describe.each([
  { forks: 1, together: 1 },
  { forks: 2, together: 2 },
  { forks: 3, together: 3 },
  { forks: 50, together: 6 },
])('with forks $forks, six hosts', ({ forks, together }) => {
  const writing = playbook({
    name: 'write',
    plays: [
      play({
        name: 'write',
        hosts: 'all',
        tasks: ({ host }) => [task('write', line(join(folder, host.name), 'x'))],
      }),
    ],
  })

  async function run(driver: GatheringDriver): Promise<void> {
    const signal = new AbortController().signal
    const report = await runPlaybook(writing, {
      inventory: testInventory(HOSTS),
      hosts: HOSTS,
      reach: reachOf(driver),
      run: RUN,
      forks,
      check: false,
      lock: null,
      onFailure: 'revert',
      approve: () => Promise.resolve(true),
      emit: () => undefined,
      now: () => 0,
      stop: signal,
      abandon: signal,
    })
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(HOSTS.map(() => 'changed'))
  }

  it(`are read and changed ${together} at once, and never more`, async () => {
    const driver = new GatheringDriver(new LocalDriver(), together)
    await run(driver)
    expect(driver.most).toBe(together)
    expect(readdirSync(folder)).toHaveLength(HOSTS.length)
  })

  it(`run a command ${together} at once, and never more`, async () => {
    const driver = new GatheringDriver(new LocalDriver(), together)
    const reports = await execOnHosts(HOSTS, sh`true`, {
      reach: reachOf(driver),
      forks,
      deadlineMs: 10_000,
      maxOutputBytes: 1024,
      onOutput: () => undefined,
      stop: new AbortController().signal,
      abandon: new AbortController().signal,
    })
    expect(reports.map(({ status }) => status)).toEqual(HOSTS.map(() => 0))
    expect(driver.most).toBe(together)
  })
})
