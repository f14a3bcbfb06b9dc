import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src/engine/events.js'
import { play, playbook, task, type Playbook } from '../../src/engine/playbook.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import { runPlaybook } from '../../src/engine/run.js'
import { ask } from '../../src/facts/fact.js'
import { sh } from '../../src/shell/script.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { RUN, firstLine, line, outcomes, runOptions } from './fixtures.js'

let folder: string
let driver: LocalDriver
let events: EngineEvent[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-run-'))
  driver = new LocalDriver()
  events = []
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function options(hosts: readonly string[], more: Partial<RunOptions> = {}): RunOptions {
  return runOptions(driver, hosts, { emit: (event) => events.push(event), ...more })
}

/** A playbook that wants the same lines on every host, one file each. */
function lines(wanted: readonly string[], serial?: number): Playbook {
  return playbook({
    name: 'lines',
    plays: [
      play({
        name: 'write',
        hosts: 'all',
        ...(serial === undefined ? {} : { serial }),
        tasks: ({ host }) =>
          wanted.map((text, index) =>
            task(`line ${index}`, line(join(folder, `${host.name}.${index}`), text)),
          ),
      }),
    ],
  })
}

describe('a run', () => {
  it('changes what differs, and nothing when it runs again', async () => {
    expect(outcomes(await runPlaybook(lines(['a', 'b']), options(['h1', 'h2'])))).toEqual({
      h1: ['changed', 'changed'],
      h2: ['changed', 'changed'],
    })
    expect(readFileSync(join(folder, 'h2.1'), 'utf8')).toBe('b\n')
    const again = await runPlaybook(lines(['a', 'b']), options(['h1', 'h2']))
    expect(again.hosts.map((host) => host.outcome)).toEqual(['ok', 'ok'])
  })

  it('costs one connection and one channel a host when nothing changes, however many tasks there are', async () => {
    const wanted = Array.from({ length: 200 }, (_each, index) => String(index))
    wanted.forEach((text, index) => {
      writeFileSync(join(folder, `h1.${index}`), `${text}\n`)
    })
    const report = await runPlaybook(lines(wanted), options(['h1']))
    expect(report.hosts[0]?.outcome).toBe('ok')
    expect([driver.connections, driver.channels]).toEqual([1, 1])
  })

  it('plans without changing anything in check mode', async () => {
    const report = await runPlaybook(lines(['a']), options(['h1'], { check: true }))
    expect(outcomes(report)).toEqual({ h1: ['changed'] })
    expect(existsSync(join(folder, 'h1.0'))).toBe(false)
  })

  it('changes nothing when the plan is declined', async () => {
    const report = await runPlaybook(lines(['a']), options(['h1'], { approve: () => Promise.resolve(false) }))
    expect(report.declined).toBe(true)
    expect(existsSync(join(folder, 'h1.0'))).toBe(false)
  })

  it('asks nothing when there is nothing to change', async () => {
    await runPlaybook(lines(['a']), options(['h1']))
    const report = await runPlaybook(
      lines(['a']),
      options(['h1'], { approve: () => Promise.reject(new Error('asked')) }),
    )
    expect(report.hosts[0]?.outcome).toBe('ok')
  })

  it('passes a change exactly its input, byte for byte', async () => {
    const path = join(folder, 'bytes')
    const input = Buffer.from([...Array(256).keys()])
    const whole = playbook({
      name: 'bytes',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          tasks: () => [
            task('first', {
              ...line(path, 'x'),
              decide: () => ({ kind: 'change', summary: 's', script: sh`cat > ${path}`, input }),
            }),
            task('second', {
              ...line(path, 'x'),
              decide: () => ({
                kind: 'change',
                summary: 's',
                script: sh`cat >> ${path}`,
                input: Buffer.from('end'),
              }),
            }),
          ],
        }),
      ],
    })
    await runPlaybook(whole, options(['h1']))
    expect(readFileSync(path)).toEqual(Buffer.concat([input, Buffer.from('end')]))
  })
})

describe('the order of a play', () => {
  it('puts hosts of which the question is true at the end', async () => {
    writeFileSync(join(folder, 'holder.h1'), 'yes\n')
    const ordered = playbook({
      name: 'ordered',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          serial: 1,
          last: ({ host }) => ({
            ...ask(firstLine, join(folder, `holder.${host.name}`)),
            key: host.name,
            fact: holds,
          }),
          tasks: ({ host }) => [task('write', line(join(folder, host.name), 'x'))],
        }),
      ],
    })
    await runPlaybook(ordered, options(['h1', 'h2', 'h3']))
    const started = events.flatMap((event) => (event.type === 'play.started' ? event.batches : []))
    expect(started).toEqual([['h2'], ['h3'], ['h1']])
  })

  const holds = {
    name: 'holds',
    script: (paths: readonly unknown[]) => firstLine.script(paths.map(String)),
    parse: (output: string) => [output.startsWith('yes')],
  }
})

describe('a stop', () => {
  it('ends the host after the task that is running', async () => {
    const controller = new AbortController()
    const gate = join(folder, 'gate')
    const stopping = playbook({
      name: 'stopping',
      plays: [
        play({
          name: 'write',
          hosts: 'all',
          tasks: () => [
            // Waits until the stop has arrived, as a long installation would.
            task(
              'long',
              line(
                join(folder, 'long'),
                'x',
                sh`
              until [ -e ${`/tmp/.gw-stop-${RUN}`} ]; do sleep 0.02; done
              echo x > ${join(folder, 'long')}
            `,
              ),
            ),
            task('next', line(gate, 'x')),
          ],
        }),
      ],
    })
    const report = await runPlaybook(
      stopping,
      options(['h1'], {
        stop: controller.signal,
        emit: (event) => {
          if (event.type === 'task.started') controller.abort()
        },
      }),
    )
    expect(outcomes(report)).toEqual({ h1: ['changed', 'skipped'] })
    expect(report.interrupted).toBe(true)
    expect(existsSync(gate)).toBe(false)
  })
})

describe('a second play', () => {
  it('decides by facts gathered after the first one changed something', async () => {
    const path = join(folder, 'made')
    const twice = playbook({
      name: 'twice',
      plays: [
        play({ name: 'first', hosts: 'all', tasks: () => [task('make', line(path, 'x'))] }),
        play({ name: 'second', hosts: 'all', tasks: () => [task('make again', line(path, 'x'))] }),
      ],
    })
    expect(outcomes(await runPlaybook(twice, options(['h1'])))).toEqual({ h1: ['changed', 'ok'] })
  })
})
