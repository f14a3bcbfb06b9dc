import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RELEASES_KEPT } from '../../src/model/release.js'
import { statePaths } from '../../src/model/state-paths.js'
import { removalScript, toRemove } from '../../src/release/retention.js'
import { shellLine } from '../../src/shell/script.js'
import { run } from '../operations/local-shell.js'
import { EMPTY_STORE } from './store-text.js'
import { StateFolder } from './workshop.js'

describe('the releases that a host no longer needs', () => {
  const store = fc.nat(30).chain((count) => {
    const name = fc.option(fc.nat(30).map((number) => `v1.${number}`))
    return fc.record({
      current: name,
      previous: name,
      trial: fc.option(
        fc.record({
          run: fc.constant('0123abcd'),
          release: fc.constant('v1.3'),
          before: fc.constant('v1.2'),
        }),
      ),
      releases: fc.array(fc.boolean(), { minLength: count, maxLength: count }).map((confirmed) =>
        confirmed.map((isConfirmed, number) => ({
          name: `v1.${number}`,
          stagedAt: number,
          confirmed: isConfirmed ? { time: '2026-11-21T19:00:00Z', run: '11111111' } : null,
        })),
      ),
    })
  })

  it('are those that nobody confirmed, and older than those that stay, never one in use', () => {
    fc.assert(
      fc.property(store, fc.nat(31), (some, number) => {
        const published = `v1.${number}`
        const removed = toRemove({ ...EMPTY_STORE, ...some }, published)

        const used = [published, some.current, some.previous, some.trial?.release, some.trial?.before]
        const others = some.releases.filter(({ name }) => !used.includes(name))
        const confirmed = others.filter((each) => each.confirmed !== null).map(({ name }) => name)
        const kept = others.map(({ name }) => name).filter((name) => !removed.includes(name))
        expect(removed.filter((name) => used.includes(name))).toEqual([])
        expect(kept).toEqual(confirmed.slice(confirmed.length - kept.length))
        expect(kept.length).toBe(Math.min(confirmed.length, RELEASES_KEPT))
      }),
    )
  })

  it('have names of releases', () => {
    for (const name of ['original', '../x', 'v1', '.staged-0123abcd', '*']) {
      expect(() => removalScript(statePaths('/nowhere'), ['v1.0', name])).toThrow()
    }
  })
})

describe('the removal of releases, by a real shell', () => {
  let state: StateFolder

  beforeEach(async () => {
    state = await StateFolder.make()
    for (const number of [0, 1, 2, 3]) {
      await state.stage(`v1.${number}`, { same: 'same\n', own: `${number}\n` })
    }
    state.publish('v1.2')
    state.publish('v1.3')
    for (const name of ['v1.0', 'v1.1']) writeFileSync(join(state.paths.confirmed, name), '')
  })
  afterEach(() => {
    state.remove()
  })

  const sumOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const holds = (text: string) => readdirSync(state.paths.objects).includes(sumOf(text))
  const releases = () => state.names().filter((name) => name.startsWith('v'))
  const remove = (names: readonly string[]) => run(removalScript(state.paths, names))

  it('takes folders, confirmations, and contents that no release has any more', async () => {
    expect(await remove(['v1.0'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(state.names()).toEqual(['v1.1', 'v1.2', 'v1.3'])
    expect(readdirSync(state.paths.confirmed).sort()).toEqual(['v1.1', 'v1.2', 'v1.3'])
    expect(['same\n', '0\n', '1\n', '3\n'].map(holds)).toEqual([true, false, true, true])
  })

  it('leaves what is published, what is no release, and what lies elsewhere', async () => {
    const elsewhere = join(state.dir, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'file'), 'kept\n')
    rmSync(join(state.paths.releases, 'v1.0'), { recursive: true })
    symlinkSync(elsewhere, join(state.paths.releases, 'v1.0'))
    mkdirSync(join(state.paths.releases, 'notes'))
    writeFileSync(join(state.paths.objects, 'notes'), '')

    expect(await remove(['v1.0', 'v1.2', 'v1.3', 'v9.9'])).toMatchObject({ exitCode: 0 })

    expect(state.names()).toEqual(['notes', 'v1.0', 'v1.1', 'v1.2', 'v1.3'])
    expect(readFileSync(join(elsewhere, 'file'), 'utf8')).toBe('kept\n')
    expect(readdirSync(state.paths.objects)).toContain('notes')
    expect(await run(removalScript(statePaths(join(state.dir, 'nowhere')), ['v1.0']))).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
  })

  it('leaves whole releases only, killed before any of its commands', async () => {
    const script = removalScript(state.paths, ['v1.0']).text
    // Every command that changes the disk may be the last one.
    const commands = /^( *)(?=(?:mv|rm) )|(?<=\| )(?=xargs )/gm
    const files = ['manifest.json', 'nginx', 'own', 'same']
    let last = 0
    for (; last < [...script.matchAll(commands)].length; last++) {
      rmSync(join(state.paths.confirmed, 'v1.0'), { force: true })
      await state.stage('v1.0', { same: 'same\n', own: '0\n' })
      writeFileSync(join(state.paths.confirmed, 'v1.0'), '')
      let command = 0
      const text = script.replaceAll(commands, (indent: string) =>
        command++ === last ? `${indent}kill -s KILL "$$"; ` : indent,
      )

      expect((await run(shellLine(text))).exitCode).toBeNull()

      for (const name of releases()) {
        expect(readdirSync(join(state.paths.releases, name)).sort()).toEqual(files)
      }
    }
    expect(last).toBe(4)
    expect(await remove(['v1.0', 'v1.1'])).toMatchObject({ exitCode: 0 })
    expect(releases()).toEqual(['v1.2', 'v1.3'])
  }, 30_000)
})
