import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { play, playbook, task, type Playbook } from '../../src/engine/playbook.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import { runPlaybook } from '../../src/engine/run.js'
import { Secret } from '../../src/model/secret.js'
import type { Operation } from '../../src/operations/operation.js'
import { sh, type Script } from '../../src/shell/script.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { line, outcomes, runOptions } from './fixtures.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-run-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function options(hosts: readonly string[], more: Partial<RunOptions> = {}): RunOptions {
  return runOptions(new LocalDriver(), hosts, more)
}

describe('a task that fails', () => {
  const failing = (serial?: number): Playbook =>
    playbook({
      name: 'failing',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          ...(serial === undefined ? {} : { serial }),
          tasks: ({ host }) => [
            task('before', line(join(folder, `${host.name}.before`), 'x')),
            task(
              'fails on h1',
              line(
                join(folder, `${host.name}.fails`),
                'x',
                host.name === 'h1' ? sh`echo ${'why\u001b[31m'}; exit 3` : sh`true`,
              ),
            ),
            task('after', line(join(folder, `${host.name}.after`), 'x')),
          ],
        }),
      ],
    })

  it('ends its host, says what was printed without its escape codes, and leaves the rest untouched', async () => {
    const report = await runPlaybook(failing(), options(['h1', 'h2']))
    expect(outcomes(report)).toEqual({
      h1: ['changed', 'failed', 'skipped'],
      h2: ['changed', 'changed', 'changed'],
    })
    const error = report.hosts[0]?.error
    expect(error).toMatchObject({ code: 'TASK_FAILED', host: 'h1', exitCode: 3 })
    expect(error?.message).toBe(
      'task "fails on h1" failed with status 3; 1 of 3 changes on this host are done',
    )
    expect(error?.frame).toContain('why')
    expect(error?.frame).not.toContain('\u001b')
    expect(existsSync(join(folder, 'h1.after'))).toBe(false)
  })

  it('is told by the kind of error that its status stands for', async () => {
    const operation = line(join(folder, 'fails'), 'x', sh`exit 82`)
    const known: Operation = {
      ...operation,
      decide: (...facts) => ({ ...operation.decide(...facts), failures: { 82: 'RELOAD_NOT_EFFECTIVE' } }),
    }
    const plays = [play({ name: 'write', hosts: 'all', tasks: () => [task('fails', known)] })]
    const report = await runPlaybook(playbook({ name: 'known', plays }), options(['h1']))
    expect(report.hosts[0]?.error).toMatchObject({ code: 'RELOAD_NOT_EFFECTIVE', exitCode: 3 })
  })

  it('keeps the next batch from starting', async () => {
    const report = await runPlaybook(failing(1), options(['h1', 'h2']))
    expect(report.hosts.map((host) => host.outcome)).toEqual(['failed', 'skipped'])
    expect(existsSync(join(folder, 'h2.before'))).toBe(false)
  })
})

describe('a fault in an operation', () => {
  it("is its own host's error, and nothing is changed anywhere", async () => {
    const faulty = playbook({
      name: 'faulty',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          tasks: ({ host }) => [
            task('decide', {
              ...line(join(folder, host.name), 'x'),
              ...(host.name === 'h1'
                ? {
                    decide: () => {
                      throw new TypeError('not a fact')
                    },
                  }
                : {}),
            }),
          ],
        }),
      ],
    })
    const report = await runPlaybook(faulty, options(['h1', 'h2']))
    expect(report.hosts.map(({ outcome, error }) => [outcome, error?.code ?? null])).toEqual([
      ['failed', 'INTERNAL'],
      ['skipped', null],
    ])
    expect(existsSync(join(folder, 'h2'))).toBe(false)
  })

  it('shows nothing that a host says as it says it', async () => {
    const hostile = 'in\u001b[2J\u001b]0;owned\u0007active\u202e'
    const quoting = playbook({
      name: 'quoting',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          tasks: () => [
            task('t', {
              ...line(join(folder, 'q'), 'x'),
              decide: () => ({ kind: 'change', summary: hostile, script: sh`true` }),
            }),
          ],
        }),
      ],
    })
    const report = await runPlaybook(quoting, options(['h1'], { check: true }))
    expect(report.hosts[0]?.tasks[0]?.summary).toMatch(/^in.*active/)
    expect(report.hosts[0]?.tasks[0]?.summary).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('a secret', () => {
  const leaking = (script: Script, secret: string) =>
    playbook({
      name: 'leaking',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          tasks: () => [
            task('t', {
              ...line(join(folder, 's'), 'x'),
              decide: () => ({
                kind: 'change',
                summary: 's',
                script,
                input: Buffer.from(secret),
                secrets: [new Secret(secret)],
              }),
            }),
          ],
        }),
      ],
    })

  it('is taken out of what a failing task prints', async () => {
    const report = await runPlaybook(leaking(sh`cat; exit 1`, 'key=sentinel-5ecret\n'), options(['h1']))
    expect(report.hosts[0]?.error?.frame).toBe('***')
  })

  it('is taken out where only the end of a long output is kept', async () => {
    const noise = 'n'.repeat(8100)
    const cut = leaking(sh`cat; echo; echo ${noise}; exit 1`, `${'a'.repeat(200)}sentinel`)
    const frame = (await runPlaybook(cut, options(['h1']))).hosts[0]?.error?.frame
    expect(frame).toBe(noise)
  })
})
