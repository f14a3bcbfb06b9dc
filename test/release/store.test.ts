import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifestsOf } from '../../src/facts/manifests.js'
import { objectsHeld } from '../../src/facts/objects-held.js'
import { releaseStore } from '../../src/facts/release-store.js'
import { statePaths } from '../../src/model/state-paths.js'
import { sha256Of } from '../../src/operations/replacement.js'
import { answersOf } from '../operations/local-shell.js'
import { type Contents, StateFolder } from './workshop.js'

const FILES: Contents = { 'nginx/nginx.conf': 'one\n', 'keepalived/keepalived.conf': '1\n' }
const BARE = {
  current: null,
  previous: null,
  releases: [],
  manifest: null,
  live: [],
  trial: null,
  reverted: null,
}
const REVERT = '{"time":"2026-11-21T16:30:00Z","run":"0123abcd","release":"v1.1","before":"v1.0","by":"boot"}'

describe('the releases of a host, asked by a real shell', () => {
  let state: StateFolder

  beforeEach(async () => {
    state = await StateFolder.make()
    await state.stage('v1.0', FILES)
  })
  afterEach(() => {
    state.remove()
  })

  const at = (...path: string[]) => join(state.paths.root, ...path)
  const note = (path: string, text: string) => {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), text)
  }

  it('are none on a bare host, and those of each folder that was asked about', async () => {
    state.publish('v1.0')
    const nowhere = statePaths(at('nowhere'))

    const [bare, here, again] = await answersOf(releaseStore, [
      { paths: nowhere },
      { paths: state.paths },
      { paths: nowhere },
    ])

    expect([bare, again]).toEqual([BARE, BARE])
    expect(here?.current).toBe('v1.0')
  })

  it('are told with their times, confirmations, links, manifest and files', async () => {
    await state.stage('v1.10', FILES)
    await state.stage('v1.9', FILES)
    utimesSync(at('releases/v1.10/manifest.json'), 2000, 2000)
    utimesSync(at('releases/v1.9/manifest.json'), 3000.25, 3000.25)
    utimesSync(at('releases/v1.0/manifest.json'), 1000, 1000)
    state.publish('v1.0')
    state.publish('v1.9')
    note('trial/run', '0123abcd\n')
    note('trial/release', 'v1.9\n')
    note('trial/before', 'v1.0\n')
    note('reverted', `${REVERT}\n`)

    const { live, manifest, ...store } = await state.seen()

    const confirmed = { time: '2026-11-21T16:30:00Z', run: '0123abcd' }
    expect(store).toEqual({
      current: 'v1.9',
      previous: 'v1.0',
      releases: [
        { name: 'v1.0', stagedAt: 1000, confirmed },
        { name: 'v1.10', stagedAt: 2000, confirmed: null },
        { name: 'v1.9', stagedAt: 3000.25, confirmed },
      ],
      trial: { run: '0123abcd', release: 'v1.9', before: 'v1.0' },
      reverted: JSON.parse(REVERT) as unknown,
    })
    expect(manifest?.release).toBe('v1.9')
    expect(live.find(({ path }) => path === 'nginx/nginx.conf')).toEqual({
      path: 'nginx/nginx.conf',
      mode: '0644',
      ...state.owner,
      size: 4,
      sha256: sha256Of('one\n'),
    })
    expect(live.map(({ path }) => path).sort()).toEqual(manifest?.files.map(({ path }) => path))
  })

  it('are only those with a name of a release, whole or not', async () => {
    for (const name of ['original', 'notes', 'v01.2', 'v1', '.staged-0123abcd', 'v1.2\nv1.3'])
      mkdirSync(at('releases', name))
    mkdirSync(at('releases/v1.5'))
    writeFileSync(at('releases/v1.6'), '')
    symlinkSync('v1.0', at('releases/v1.7'))
    spawnSync('mkfifo', [at('releases/v1.5/manifest.json')])

    expect((await state.seen()).releases.map(({ name }) => name).sort()).toEqual(['v1.0', 'v1.5'])
  })

  it.each([
    ['releases/v1.0', 'v1.0'],
    ['releases/v9.9', 'v9.9'],
    ['releases/original', 'original'],
    ['releases/notes', null],
    ['releases/v1.0/nginx', null],
    ['releases/../releases/v1.0', null],
    ['elsewhere', null],
  ])('lead with a link to %s to %s', async (target, name) => {
    symlinkSync(`${state.paths.root}/${target}`, state.paths.current)

    expect((await state.seen()).current).toBe(name)
  })

  it('are told although links dangle, notes are hostile and names hold anything', async () => {
    state.publish('v1.0')
    symlinkSync('--', state.paths.previous)
    writeFileSync(at('current', "nginx/ it's\n\\-- "), 'odd\n')
    symlinkSync('/etc/passwd', at('current/nginx/link'))
    spawnSync('mkfifo', [at('current/fifo')])
    note('confirmed/v1.0', `${'x'.repeat(10_000)}\0\n--\n`)
    note('confirmed/\n--', 'x')
    mkdirSync(at('confirmed/v1.3'))
    note('trial/run', '\x1b[31mred\n')
    spawnSync('mkfifo', [at('trial/before')])
    note('reverted', '{"time":"now","by":"magic"}')

    const store = await state.seen()

    expect(store).toMatchObject({ current: 'v1.0', previous: null, reverted: null })
    expect(store.releases[0]?.confirmed).toEqual({ time: 'unknown', run: 'unknown' })
    expect(store.trial).toEqual({ run: 'unknown', release: 'unknown', before: 'unknown' })
    const odd = store.live.filter(({ path }) => !store.manifest?.files.some((file) => file.path === path))
    expect(odd.map(({ path, sha256 }) => [path, sha256]).sort()).toEqual([
      ['fifo', null],
      ["nginx/ it's\n\\-- ", sha256Of('odd\n')],
      ['nginx/link', null],
    ])
  })

  it.each([
    ['nothing', ''],
    ['the end of a section', '--\0'],
    ['two of them', '\0--\0--\0'],
    ['another object', '{"schemaVersion":1}'],
    ['two megabytes', 'x'.repeat(2_000_000)],
  ])('have no manifest where %s stands', async (_title, text) => {
    state.publish('v1.0')
    writeFileSync(at('current/manifest.json'), text)

    expect(await state.seen()).toMatchObject({ current: 'v1.0', manifest: null })
  })

  it('have manifests by their names', async () => {
    await state.stage('v1.1', FILES)
    writeFileSync(at('releases/v1.1/manifest.json'), '--\0{}')

    const names = ['v1.0', 'v1.1', 'v1.2']
    const [manifests] = await answersOf(manifestsOf, [{ paths: state.paths, names }])

    expect(Object.entries(manifests ?? {}).map(([name, manifest]) => [name, manifest?.release])).toEqual([
      ['v1.0', 'v1.0'],
      ['v1.1', undefined],
      ['v1.2', undefined],
    ])
    expect(() => manifestsOf.script([{ paths: state.paths, names: ['../x'] }])).toThrow()
  })

  it('have contents, of which damaged ones and links do not count', async () => {
    const [whole, damaged, linked, absent] = ['one\n', '1\n', 'linked', 'absent'].map(sha256Of)
    writeFileSync(at('objects', damaged ?? ''), 'another\n')
    writeFileSync(at('elsewhere'), 'linked')
    symlinkSync(at('elsewhere'), at('objects', linked ?? ''))
    const sums = [whole, damaged, linked, absent].flatMap((sum) => sum ?? [])

    const nowhere = statePaths(at('nowhere'))
    const answers = await answersOf(objectsHeld, [
      { paths: nowhere, sums },
      { paths: state.paths, sums },
      { paths: state.paths, sums: [] },
    ])

    expect(answers).toEqual([[], [whole], []])
  })

  it('are refused when the answer is cut short', () => {
    const question = [{ paths: state.paths }]
    expect(() => releaseStore.parse('--\0--\0--\0', question)).toThrow()
    expect(() => releaseStore.parse('', question)).toThrow()
    expect(() => objectsHeld.parse('', [{ paths: state.paths, sums: [] }])).toThrow()
    expect(() => manifestsOf.parse('', [{ paths: state.paths, names: ['v1.0'] }])).toThrow()
  })
})
