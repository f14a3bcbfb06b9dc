import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseManifest } from '../../src/model/manifest.js'
import { Secret } from '../../src/model/secret.js'
import type { Decision } from '../../src/operations/operation.js'
import { stageFromBackup } from '../../src/release/stage-from-backup.js'
import { backupScript } from '../../src/render/backup/script.js'
import { quote } from '../../src/shell/quote.js'
import { sh } from '../../src/shell/script.js'
import { applyHere, decideHere } from '../operations/local-shell.js'
import { type Contents, META, StateFolder } from './workshop.js'

const NAME = '20261121T020000Z'
const FIRST: Contents = {
  'nginx/nginx.conf': 'one\n',
  'nginx/gw/old.conf': 'old\n',
  'keepalived/keepalived.conf': '1\n',
  'nginx/gw/tls/rsa.key': new Secret('key\n'),
}
const SECOND: Contents = {
  'nginx/nginx.conf': 'two\n',
  'nginx/gw/new.conf': 'new\n',
  'keepalived/keepalived.conf': '1\n',
}

describe('a release from a backup, staged by a real shell', () => {
  let state: StateFolder
  let folder: string

  beforeEach(async () => {
    state = await StateFolder.make()
    folder = join(state.dir, 'backups')
    await serve('v1.0', FIRST)
  })
  afterEach(() => {
    state.remove()
  })

  const at = (name: string, path = '') => join(state.paths.releases, name, path)
  const inBackup = (path: string) => join(folder, NAME, path)

  async function serve(name: string, contents: Contents): Promise<void> {
    expect(await state.stage(name, contents)).toMatchObject({ exitCode: 0 })
    state.publish(name)
  }

  function backUp(): void {
    const text = backupScript({
      state: quote(state.paths.root),
      backups: quote(folder),
      audit: quote(join(state.dir, 'audit')),
      root: quote(state.dir),
    })
    const ended = spawnSync('sh', ['-c', text, 'backup', NAME], { encoding: 'utf8' })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
  }

  function restoring(name = 'v1.2', test = () => sh`:`): Promise<Decision> {
    const meta = { createdAt: '2026-11-22T10:00:00Z', by: 'bob@desk', gw: '0.2.0' }
    const { paths, store, owner } = state
    return decideHere(
      stageFromBackup({
        name,
        backup: { folder, name: NAME },
        paths,
        store,
        meta,
        run: '0123abcd',
        test,
        owner,
      }),
    )
  }

  it('is what was served then, under its new name', async () => {
    backUp()
    await serve('v1.1', SECOND)
    rmSync(state.paths.objects, { recursive: true })

    const decision = await restoring()
    expect(decision).toMatchObject({
      summary: `v1.2, as v1.0 was at ${NAME}: 1 file differs, 2 new, 1 gone: nginx/nginx.conf, nginx/gw/old.conf, nginx/gw/tls/rsa.key, nginx/gw/new.conf`,
    })
    expect(await applyHere(decision)).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(state.filesOf('v1.2', FIRST)).toEqual({ ...FIRST, 'nginx/gw/tls/rsa.key': 'key\n' })
    expect(readFileSync(at('v1.2', 'nginx/gw/release.conf'), 'utf8')).toContain('v1.2')
    expect(statSync(at('v1.2', 'nginx/gw/tls/rsa.key')).mode & 0o777).toBe(0o600)
    const { files, ...manifest } = parseManifest(readFileSync(at('v1.2', 'manifest.json'), 'utf8'))
    const before = parseManifest(readFileSync(at('v1.0', 'manifest.json'), 'utf8'))
    expect(manifest).toEqual({
      ...META,
      schemaVersion: 1,
      release: 'v1.2',
      origin: 'restored',
      createdAt: '2026-11-22T10:00:00Z',
      by: 'bob@desk',
      gw: '0.2.0',
    })
    const others = (each: { path: string }) => !each.path.endsWith('release.conf')
    expect(files.filter(others)).toEqual(before.files.filter(others))
    expect((await state.seen()).current).toBe('v1.1')
  })

  it('brings edits by hand back that were backed up with it', async () => {
    writeFileSync(at('v1.0', 'nginx/nginx.conf'), 'by hand\n')
    writeFileSync(at('v1.0', 'nginx/gw/extra.conf'), 'extra\n', { mode: 0o640 })
    rmSync(at('v1.0', 'nginx/gw/old.conf'))
    backUp()

    expect(await applyHere(await restoring())).toMatchObject({ exitCode: 0 })

    expect(readFileSync(at('v1.2', 'nginx/nginx.conf'), 'utf8')).toBe('by hand\n')
    expect(statSync(at('v1.2', 'nginx/gw/extra.conf')).mode & 0o777).toBe(0o600)
    expect(readdirSync(at('v1.2', 'nginx/gw')).sort()).toEqual(['extra.conf', 'release.conf', 'tls'])
  })

  it('has nothing to do once it is published, and takes no name that was', async () => {
    backUp()
    await applyHere(await restoring())
    state.publish('v1.2')

    expect(await restoring()).toMatchObject({ kind: 'ok' })
    expect(await restoring('v1.0')).toMatchObject({ kind: 'blocked', code: 'RELEASE_EXISTS' })
  })

  it('is refused when the backup is not there, with those that are', async () => {
    expect(await restoring()).toMatchObject({
      code: 'BACKUP_UNKNOWN',
      reason: `there is no backup ${NAME} on this host; it has none`,
    })
    backUp()
    renameSync(inBackup(''), join(folder, '20261120T020000Z'))
    expect(await restoring()).toMatchObject({
      code: 'BACKUP_UNKNOWN',
      reason: `there is no backup ${NAME} on this host; its last ones are 20261120T020000Z of v1.0`,
    })
  })

  it('is refused when a byte of the backup flipped, naming the file', async () => {
    backUp()
    writeFileSync(inBackup('release/nginx/nginx.conf'), 'onE\n')
    rmSync(inBackup('release/keepalived/keepalived.conf'))
    expect(await restoring()).toMatchObject({
      kind: 'blocked',
      code: 'BACKUP_DAMAGED',
      reason: `the backup ${folder}/${NAME} is not what was backed up: release/keepalived/keepalived.conf (missing), release/nginx/nginx.conf (damaged)`,
    })
  })

  it('is not staged when the backup changes after it was read, or its test fails', async () => {
    backUp()
    const decision = await restoring()
    const refused = await restoring('v1.2', () => sh`echo 'it is refused'; false`)
    expect(await applyHere(refused)).toMatchObject({ exitCode: 78, stdout: 'it is refused\n' })
    writeFileSync(inBackup('release/nginx/nginx.conf'), 'onE\n')

    expect(await applyHere(decision)).toMatchObject({ exitCode: 74 })
    expect(state.names()).toEqual(['v1.0'])
  })

  it('is refused for what was there before gw, and for names that no release has', async () => {
    writeFileSync(at('v1.0', 'nginx/nginx.conf~'), 'an editor left it\n')
    backUp()
    expect(await restoring()).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('"nginx/nginx.conf~"') as unknown,
    })

    rmSync(folder, { recursive: true })
    mkdirSync(at('original'))
    rmSync(state.paths.current)
    symlinkSync(at('original'), state.paths.current)
    backUp()
    expect(await restoring()).toMatchObject({
      kind: 'blocked',
      reason: expect.stringContaining('holds no release that can be published') as unknown,
    })
  })
})
