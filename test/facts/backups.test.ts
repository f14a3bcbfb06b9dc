import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backupCheck } from '../../src/facts/backup-check.js'
import { backups } from '../../src/facts/backups.js'
import { manifestText } from '../../src/model/manifest.js'
import type { Manifest } from '../../src/model/release.js'
import { answersOf } from '../operations/local-shell.js'
import { BackupGround } from '../render/backup-ground.js'

const [OLDER, NEWER] = ['20261120T020000Z', '20261121T020000Z']
const MANIFEST: Manifest = {
  schemaVersion: 1,
  release: 'v1.2',
  origin: 'deploy',
  createdAt: '2026-11-20T10:00:00Z',
  by: 'alice@laptop',
  commit: null,
  gw: '0.1.0',
  domain: 'api.lab.example',
  files: [],
}

let ground: BackupGround

beforeEach(() => {
  ground = new BackupGround()
  ground.write('state/releases/v1.2/manifest.json', manifestText(MANIFEST))
  // Words that `sha256sum` writes with escapes, or that look like its own.
  ground.write('etc/nginx/odd \\ name\nof lines', 'odd\n')
  ground.write('etc/nginx/SHA256SUMS', 'not those of the backup\n')
})

afterEach(() => {
  ground.remove()
})

const folder = () => ground.at('backups')
const listed = async () => (await answersOf(backups, [{ folder: folder() }]))[0]
const checked = async (name = NEWER) => (await answersOf(backupCheck, [{ folder: folder(), name }]))[0]

describe('the question about backups, asked by a real shell', () => {
  it('lists those with the name of one, the oldest first', async () => {
    ground.backup([NEWER])
    ground.backup([OLDER])
    for (const name of ['20261121T020000Z-original', 'T-Z', 'notes', `.${OLDER}.partial`])
      mkdirSync(ground.at('backups', name))
    symlinkSync(ground.at('etc'), ground.at('backups/20261119T020000Z'))
    ground.write('backups/20261118T020000Z', 'a file\n')

    expect(await listed()).toEqual([
      { name: OLDER, release: 'v1.2', size: expect.any(Number) as unknown },
      { name: NEWER, release: 'v1.2', size: expect.any(Number) as unknown },
    ])
  })

  it('finds none on a host without the folder, or with an empty one', async () => {
    expect(await listed()).toEqual([])
    mkdirSync(folder())
    expect(await listed()).toEqual([])
  })

  it.each(['', '{', 'null', '{"release":"\\u001b[2J"}', '{"release":7}', '{"release":"../v1.2"}'])(
    'knows no release when backup.json holds %j',
    async (text) => {
      ground.write(`backups/${NEWER}/backup.json`, `${text}\n`)
      expect(await listed()).toMatchObject([{ name: NEWER, release: null }])
    },
  )
})

describe('the check of a backup, by a real shell', () => {
  beforeEach(() => {
    ground.backup([NEWER])
  })

  it('finds nothing wrong with one that was just made, and says what is in its release', async () => {
    expect(await checked()).toEqual({
      faults: [],
      manifest: MANIFEST,
      files: [expect.objectContaining({ path: 'nginx/gw/tls/rsa.key', mode: '0600', size: 4 })],
    })
  })

  it('names the file of which a byte flipped, that is gone, became something else, or came later', async () => {
    const inside = (path: string) => ground.at('backups', NEWER, path)
    writeFileSync(inside('etc/nginx/odd \\ name\nof lines'), 'Odd\n')
    rmSync(inside('release/nginx/gw/tls/rsa.key'))
    rmSync(inside('etc/nginx/mime.types'))
    symlinkSync('/etc/mime.types', inside('etc/nginx/mime.types'))
    writeFileSync(inside('release/nginx/late.conf'), '')

    expect((await checked())?.faults).toEqual([
      { path: 'etc/nginx/mime.types', fault: 'damaged' },
      { path: 'etc/nginx/odd \\ name\nof lines', fault: 'damaged' },
      { path: 'release/nginx/gw/tls/rsa.key', fault: 'missing' },
      { path: 'release/nginx/late.conf', fault: 'extra' },
    ])
  })

  it.each([
    [
      'is gone',
      (sums: string) => {
        rmSync(sums)
      },
    ],
    [
      'is empty',
      (sums: string) => {
        writeFileSync(sums, '')
      },
    ],
  ])('trusts no file when the list of the sums %s', async (_title, spoil) => {
    spoil(ground.at('backups', NEWER, 'SHA256SUMS'))
    expect((await checked())?.faults.length).toBeGreaterThan(5)
  })

  it('knows no backup that is not there, or that is a link', async () => {
    expect(await checked(OLDER)).toBeNull()
    renameSync(ground.at('backups', NEWER), ground.at('moved'))
    symlinkSync(ground.at('moved'), ground.at('backups', NEWER))
    expect(await checked()).toBeNull()
  })
})
