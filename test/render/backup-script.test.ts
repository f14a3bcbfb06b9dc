import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BACKUP_NAME, backupName } from '../../src/model/backup.js'
import { NOTHING_TO_BACK_UP, backupScript } from '../../src/render/backup/script.js'
import { BackupGround } from './backup-ground.js'

const NAME = '20261121T020000Z'

/** How long a script may take to get somewhere on a busy machine. */
const SOON = { timeout: 8_000 }

let ground: BackupGround

beforeEach(() => {
  ground = new BackupGround()
})

afterEach(() => {
  ground.remove()
})

describe('the backup script', () => {
  it('is clean POSIX shell in the eyes of shellcheck', () => {
    const args = ['--shell=sh', '--format=gcc', '-']
    const { stdout, status } = spawnSync('shellcheck', args, { encoding: 'utf8', input: backupScript() })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  it('copies the release and what leads to it, with modes and links, and the sums of all files', () => {
    expect(ground.backup([NAME])).toEqual({
      status: 0,
      stdout: `backup ${NAME} of v1.2 is made\n`,
      stderr: '',
    })

    expect(ground.backups()).toEqual([NAME])
    const inside = (...path: string[]) => ground.at('backups', NAME, ...path)
    expect(readdirSync(inside()).sort()).toEqual(['SHA256SUMS', 'backup.json', 'etc', 'release'])
    for (const folder of [ground.at('backups'), inside()]) expect(lstatSync(folder).mode & 0o777).toBe(0o700)
    expect(lstatSync(inside('release/nginx/gw/tls/rsa.key')).mode & 0o777).toBe(0o600)
    expect(lstatSync(inside('etc/nginx')).mode & 0o777).toBe(lstatSync(ground.at('etc/nginx')).mode & 0o777)
    expect(readlinkSync(inside('etc/nginx/gw'))).toBe(ground.at('state/current/nginx/gw'))
    expect(readFileSync(inside('etc/systemd/system/nginx.service.d/gw.conf'), 'utf8')).toBe('[Service]\n')
    expect(JSON.parse(readFileSync(inside('backup.json'), 'utf8'))).toEqual({
      schemaVersion: 1,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
      host: expect.any(String) as unknown,
      release: 'v1.2',
    })
    expect(ground.isWhole(NAME)).toBe(true)
    expect(ground.audited()).toMatchObject([{ event: 'backup', name: NAME, release: 'v1.2', result: 'made' }])
  })

  it('gives a nightly backup the minute as its name, and makes none twice', () => {
    const before = Date.now()
    expect(ground.backup([])).toMatchObject({ status: 0 })
    const [name = ''] = ground.backups()
    expect(name).toMatch(/^\d{8}T\d{4}00Z$/)
    expect([before, Date.now()].map((time) => `${backupName(new Date(time)).slice(0, 13)}00Z`)).toContain(
      name,
    )

    expect(ground.backup([name])).toEqual({
      status: 0,
      stdout: `backup ${name} is there already\n`,
      stderr: '',
    })
  })

  it.each([
    'v1.2',
    '../20261121T020000Z',
    '20261121T020000Z/..',
    '',
    '20261121t020000z',
    '20261121T020000Z\n',
  ])('refuses the name %j', (name) => {
    expect(ground.backup([name])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no name') as unknown,
    })
    expect(existsSync(ground.at('backups'))).toBe(false)
  })

  it('says that there is nothing to back up before the first release', () => {
    rmSync(ground.at('state'), { recursive: true })

    expect(ground.backup([NAME])).toMatchObject({
      status: NOTHING_TO_BACK_UP,
      stderr: expect.stringContaining('no release is published') as unknown,
    })
    expect(ground.backups()).toEqual([])
    expect(ground.audited()).toMatchObject([{ name: NAME, result: 'failed' }])
  })

  it('backs up the confirmed release while another one is on trial', () => {
    ground.write('state/trial/before', 'v1.1\n')
    ground.backup([NAME])
    expect(readFileSync(ground.at('backups', NAME, 'release/manifest.json'), 'utf8')).toBe('{"older":true}\n')

    ground.write('state/trial/confirmed', '')
    expect(ground.backup(['20261121T020001Z'])).toMatchObject({
      stdout: 'backup 20261121T020001Z of v1.2 is made\n',
    })
  })

  it.each(['', 'state/', 'state/releases/.staged-'])('refuses a release that is %sv1.2', (place) => {
    rmSync(ground.at('state/current'))
    symlinkSync(ground.at(`${place}v1.2`), ground.at('state/current'))
    expect(ground.backup([NAME]).status).toBe(1)
    expect(ground.backups()).toEqual([])
  })

  it('waits while something changes the host, and lets others change it before it is done', async () => {
    const holder = spawn('flock', [ground.at('state/work'), 'sh', '-c', 'echo held; cat'], { stdio: 'pipe' })
    await once(holder.stdout, 'data')
    const child = spawn('sh', ['-c', ground.script(), 'backup', NAME])
    const ended = once(child, 'close')
    await expect.poll(() => existsSync(ground.at('backups', `.${NAME}.partial`)), SOON).toBe(true)
    expect(existsSync(ground.at('backups', `.${NAME}.partial/release`))).toBe(false)

    writeFileSync(ground.at('state/releases/v1.2/manifest.json'), 'changed\n')
    holder.stdin.end()

    expect(await ended).toEqual([0, null])
    expect(readFileSync(ground.at('backups', NAME, 'release/manifest.json'), 'utf8')).toBe('changed\n')
    // What waits for the lock of changes does not wait for the sums.
    const later = ground.script((text) =>
      text.replace('\nseal\n', `\nflock -n ${ground.at('state/work')} true\nseal\n`),
    )
    expect(spawnSync('sh', ['-c', later, 'backup', '20261121T020001Z']).status).toBe(0)
  })

  it('makes both of two that are asked for at once', async () => {
    const names = [NAME, '20261121T020001Z']
    const runs = names.map((name) => once(spawn('sh', ['-c', ground.script(), 'backup', name]), 'close'))
    expect(await Promise.all(runs)).toEqual([
      [0, null],
      [0, null],
    ])
    expect(ground.backups()).toEqual(names)
    expect(names.map((name) => ground.isWhole(name))).toEqual([true, true])
  })

  it('leaves the one alone that is being made', async () => {
    const slow = ground.script((text) => text.replace('\nseal\n', '\nread -r _\nseal\n'))
    const first = spawn('sh', ['-c', slow, 'backup', NAME], { stdio: 'pipe' })
    const ended = once(first, 'close')
    const partial = ground.at('backups', `.${NAME}.partial`)
    await expect.poll(() => existsSync(join(partial, 'etc/systemd')), SOON).toBe(true)

    const edit = (text: string) => text.replace('flock -w 60 9', 'flock -n 9')
    expect(ground.backup(['20261121T020001Z'], { edit })).toMatchObject({
      status: 75,
      stderr: 'another backup is being made on this host\n',
    })
    expect(existsSync(partial)).toBe(true)

    first.stdin.end('\n')
    expect(await ended).toEqual([0, null])
    expect(ground.isWhole(NAME)).toBe(true)
  })

  it('leaves nothing on a full disk, and says that it failed', () => {
    ground.write('etc/nginx/large', 'x'.repeat(200_000))
    const limited = ['sh', '-c', 'trap "" XFSZ; ulimit -f 8; exec sh "$@"', 'sh']

    const { status, stderr } = ground.backup([NAME], { shell: limited })

    expect(status).not.toBe(0)
    expect(stderr).toContain('File too large')
    expect(ground.backups()).toEqual([])
    expect(ground.audited()).toMatchObject([{ name: NAME, result: 'failed' }])
  })

  it.each(['TERM', 'HUP', 'INT'])('leaves nothing when a SIG%s ends it', (signal) => {
    const edit = (text: string) => text.replace('\nseal\n', () => `\nkill -s ${signal} "$$"\nseal\n`)
    expect(ground.backup([NAME], { edit }).status).toBeGreaterThan(128)
    expect(ground.backups()).toEqual([])
  })

  it('killed before any of its commands leaves whole backups, and the next one tidies up', () => {
    // Every command that changes the disk may be the last one.
    const commands = /^( *)(?=(?:mkdir|cp|printf|find|sync|mv|rm|exec) )/gm
    const old = '20200101T020000Z'
    let survived = 0
    for (let last = 0; survived === 0; last++) {
      ground.write(`backups/${old}/file`, 'old\n')
      spawnSync('sh', ['-c', 'sha256sum file >SHA256SUMS'], { cwd: ground.at('backups', old) })
      let command = 0
      const edit = (text: string) =>
        text.replaceAll(commands, (indent) => (command++ === last ? `${indent}kill -s KILL "$$"; ` : indent))

      const { status } = ground.backup([NAME], { edit })

      if (command <= last) survived = last
      else if (status === 0) throw new Error(`command ${last} is never reached`)
      const named = ground.backups().filter((name) => BACKUP_NAME.test(name))
      expect(named.filter((name) => !ground.isWhole(name))).toEqual([])
      expect(ground.backup(['20261121T020001Z'])).toMatchObject({ status: 0, stderr: '' })
      expect(ground.backups().filter((name) => !BACKUP_NAME.test(name))).toEqual([])
      rmSync(ground.at('backups'), { recursive: true })
    }
    expect(survived).toBeGreaterThan(10)
  }, 60_000)
})
