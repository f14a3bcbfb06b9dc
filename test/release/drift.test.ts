import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.js'
import { type AdoptArguments, adoptRelease } from '../../src/release/adopt.js'
import { driftOf } from '../../src/release/drift.js'
import { type DriftArguments, handleDrift } from '../../src/release/handle-drift.js'
import type { ReleaseLink } from '../../src/release/links.js'
import { STAGE_STATUS } from '../../src/release/stage-script.js'
import { sh } from '../../src/shell/script.js'
import { applyHere, decideHere } from '../operations/local-shell.js'
import { type Contents, META, StateFolder } from './workshop.js'

const FILES: Contents = {
  'nginx/nginx.conf': 'one\n',
  'nginx/gw/site.conf': 'site\n',
  'nginx/gw/tls/rsa.key': new Secret('the key\n'),
}

describe('edits by hand, found by a real shell', () => {
  let state: StateFolder
  let link: ReleaseLink

  beforeEach(async () => {
    state = await StateFolder.make()
    const path = join(state.dir, 'etc/nginx.conf')
    link = { path, target: join(state.paths.current, 'nginx/nginx.conf'), file: 'nginx/nginx.conf' }
    await state.stage('v1.0', FILES)
    state.publish('v1.0')
    mkdirSync(dirname(path))
    symlinkSync(link.target, path)
  })
  afterEach(() => {
    state.remove()
  })

  const live = (path: string) => join(state.paths.current, path)
  const backups = () => join(state.dir, 'backups')
  const handle = (mode: DriftArguments['mode']) =>
    decideHere(
      handleDrift({ paths: state.paths, store: state.store, links: [link], mode, backups: backups() }),
    )
  const adopt = (more: Partial<AdoptArguments> = {}) =>
    decideHere(
      adoptRelease({
        name: 'v1.1',
        required: false,
        meta: META,
        paths: state.paths,
        links: [link],
        run: '0123abcd',
        store: state.store,
        test: () => sh`:`,
        owner: state.owner,
        ...more,
      }),
    )
  const driftNow = async () => driftOf(await state.seen())

  it('are none where nothing was edited, or nothing is published', async () => {
    expect(await handle('refuse')).toEqual({
      kind: 'ok',
      reason: 'nothing was edited since v1.0 was published',
    })
    rmSync(state.paths.current)
    expect(await handle('refuse')).toEqual({ kind: 'ok', reason: 'nothing is published yet' })
  })

  it('are contents, modes, files that are gone and files that are new', async () => {
    writeFileSync(live('nginx/nginx.conf'), 'two\n')
    chmodSync(live('nginx/gw/tls/rsa.key'), 0o644)
    rmSync(live('nginx/gw/site.conf'))
    symlinkSync('/etc/passwd', live("nginx/it's\n"))

    expect([...(await driftNow())].sort((one, other) => (one.path < other.path ? -1 : 1))).toEqual([
      { path: 'nginx/gw/site.conf', kind: 'missing', detail: 'is gone' },
      { path: 'nginx/gw/tls/rsa.key', kind: 'ownership', detail: 'mode 0600 -> 0644' },
      { path: "nginx/it's\n", kind: 'extra', detail: 'is no file of the release' },
      { path: 'nginx/nginx.conf', kind: 'edited', detail: 'has another content' },
    ])
  })

  it.each([
    ['is empty', () => ''],
    ['is no manifest', () => '{"schemaVersion":1}'],
    ['speaks of another release', (text: string) => text.replace('"v1.0"', '"v1.9"')],
  ])('may be anywhere when the manifest %s', async (_title, spoil) => {
    writeFileSync(live('manifest.json'), spoil(readFileSync(live('manifest.json'), 'utf8')))

    expect(await driftNow()).toEqual([
      { path: 'manifest.json', kind: 'edited', detail: 'is gone or not as gw wrote it' },
    ])
    const decision = await handle('overwrite')
    expect(await applyHere(decision)).toMatchObject({ exitCode: 0, stderr: '' })
    const [kept = ''] = readdirSync(backups())
    expect(readFileSync(join(backups(), kept, 'release/nginx/gw/site.conf'), 'utf8')).toBe('site\n')
  })

  it('stop a run, with what was changed but never the texts of secrets', async () => {
    writeFileSync(live('nginx/nginx.conf'), 'two\n')
    writeFileSync(live('nginx/gw/tls/rsa.key'), 'another key\n')

    const decision = await handle('refuse')

    expect(decision).toMatchObject({
      kind: 'blocked',
      code: 'DRIFT_FOUND',
      reason:
        '2 files were changed by hand since v1.0 was published: nginx/gw/tls/rsa.key has another content; nginx/nginx.conf has another content',
      diffs: [{ path: live('nginx/nginx.conf'), before: 'one\n', after: 'two\n' }],
    })
    expect(JSON.stringify(decision)).not.toMatch(/(the|another) key/)
  })

  it('are seen where an editor put a file in place of the link, unless it is the same', async () => {
    rmSync(link.path)
    writeFileSync(link.path, 'one\n')
    expect(await handle('refuse')).toMatchObject({ kind: 'ok' })

    spawnSync('sed', ['-i', 's/one/edited/', link.path])

    expect(await handle('refuse')).toMatchObject({
      kind: 'blocked',
      reason: `1 file was changed by hand since v1.0 was published: ${link.path} is a file in place of the link to nginx/nginx.conf`,
      diffs: [{ path: link.path, before: 'one\n', after: 'edited\n' }],
    })
  })

  it('show no text through a link, of what is no file, and none that cannot be shown', async () => {
    rmSync(live('nginx/nginx.conf'))
    symlinkSync('/etc/hostname', live('nginx/nginx.conf'))
    rmSync(live('nginx/gw/site.conf'))
    spawnSync('mkfifo', [live('nginx/gw/site.conf')])

    expect(await handle('refuse')).toMatchObject({ kind: 'blocked', diffs: [] })
    rmSync(live('nginx/gw/site.conf'))
    writeFileSync(live('nginx/gw/site.conf'), 'x'.repeat(300_000))
    expect(await handle('refuse')).toMatchObject({ kind: 'blocked', diffs: [] })
  })

  it('are kept with modes and owners before they are written over', async () => {
    writeFileSync(live('nginx/gw/tls/rsa.key'), 'another key\n')
    rmSync(live('nginx/nginx.conf'))
    writeFileSync(live('nginx/-extra\n'), 'extra\n')
    rmSync(link.path)
    writeFileSync(link.path, 'edited\n', { mode: 0o640 })

    expect(await applyHere(await handle('overwrite'))).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    const [kept = '', ...more] = readdirSync(backups())
    expect([kept, more]).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z-overwritten$/), []])
    const folder = join(backups(), kept)
    expect(readFileSync(join(folder, 'release/nginx/gw/tls/rsa.key'), 'utf8')).toBe('another key\n')
    expect(readFileSync(join(folder, 'release/nginx/-extra\n'), 'utf8')).toBe('extra\n')
    expect(readFileSync(join(folder, link.path), 'utf8')).toBe('edited\n')
    expect(
      [folder, join(folder, 'release/nginx/gw/tls/rsa.key'), join(folder, link.path)].map(
        (path) => statSync(path).mode & 0o777,
      ),
    ).toEqual([0o700, 0o600, 0o640])
  })

  it('need no copy when files are only gone', async () => {
    rmSync(live('nginx/nginx.conf'))

    expect(await handle('overwrite')).toMatchObject({ kind: 'ok' })
  })

  it('become a release: live contents, those in place of links, and extra files, tested as any', async () => {
    writeFileSync(live('nginx/gw/site.conf'), 'edited site\n')
    writeFileSync(live('nginx/gw/more.conf'), 'more\n')
    writeFileSync(live('nginx/gw/secret'), 'extra secret\n', { mode: 0o640 })
    rmSync(link.path)
    writeFileSync(link.path, 'edited\n')

    const decision = await adopt()

    expect(decision).toMatchObject({
      kind: 'change',
      diffs: [
        { path: live('nginx/gw/site.conf'), before: 'site\n', after: 'edited site\n' },
        { path: link.path, before: 'one\n', after: 'edited\n' },
      ],
    })
    expect(await applyHere(decision)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    const adopted: Contents = {
      'nginx/nginx.conf': 'edited\n',
      'nginx/gw/site.conf': 'edited site\n',
      'nginx/gw/more.conf': 'more\n',
      'nginx/gw/secret': 'extra secret\n',
      'nginx/gw/tls/rsa.key': 'the key\n',
    }
    expect(state.filesOf('v1.1', adopted)).toEqual(adopted)
    state.publish('v1.1')
    rmSync(link.path)
    const { current, manifest } = await state.seen()
    expect([current, manifest?.origin, await driftNow()]).toEqual(['v1.1', 'adopted', []])
    expect(manifest?.files.find(({ path }) => path === 'nginx/gw/secret')?.mode).toBe('0600')
    expect(readFileSync(live('nginx/gw/release.conf'), 'utf8')).toContain('v1.1')
  })

  it('are adopted as they were seen, or not at all', async () => {
    writeFileSync(live('nginx/gw/site.conf'), 'edited\n')
    const decision = await adopt()
    writeFileSync(live('nginx/gw/site.conf'), 'edited again\n')

    expect(await applyHere(decision)).toMatchObject({ exitCode: STAGE_STATUS.incomplete })
    expect(state.names()).toEqual(['v1.0'])
  })

  it('cannot be adopted where a file is no file or has a name that no release can have', async () => {
    renameSync(live('nginx/nginx.conf'), live('nginx/#nginx.conf#'))
    symlinkSync('/etc/passwd', live('nginx/nginx.conf'))

    const decision = await adopt()

    if (decision.kind !== 'blocked') throw new Error('it was to be refused')
    expect(decision.code).toBe('DRIFT_FOUND')
    expect(decision.reason).toMatch(/^these cannot .*"nginx\/#nginx\.conf#"/)
    expect(decision.reason).toContain('"nginx/nginx.conf"')
  })

  it('are adopted nowhere else, unless the fleet gets the release', async () => {
    expect(await adopt()).toMatchObject({ kind: 'ok' })
    expect(await adopt({ required: true })).toMatchObject({
      kind: 'change',
      summary: 'v1.1, as the host is now: the same as v1.0',
    })
    expect(await adopt({ required: true, name: 'v1.0' })).toMatchObject({ code: 'RELEASE_EXISTS' })
  })
})
