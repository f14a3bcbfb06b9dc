import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BACKUP_NAME, backupName } from '../../src/model/backup.js'
import { NOTHING_TO_BACK_UP, backupScript } from '../../src/render/backup/script.js'

/** The script run by a shell of this machine, on a gateway that is a temporary folder. */

const NAME = '20261121T020000Z'
const DAY_MS = 86_400_000

// In memory where there is such a folder: the script puts every file onto the disk, dozens of times here.
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(TEMPORARY, 'gw-backup-'))
  write('state/releases/v1.2/manifest.json', '{}\n')
  write('state/releases/v1.2/nginx/gw/tls/rsa.key', 'key\n', 0o600)
  write('state/releases/v1.1/manifest.json', '{"older":true}\n')
  symlinkSync(at('state/releases/v1.2'), at('state/current'))
  write('state/work', '')
  write('etc/nginx/mime.types', 'types\n')
  symlinkSync(at('state/current/nginx/gw'), at('etc/nginx/gw'))
  write('etc/systemd/system/nginx.service.d/gw.conf', '[Service]\n')
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

const at = (...path: string[]) => join(dir, ...path)
const backups = () => readdirSync(at('backups')).sort()

function write(path: string, content: string, mode = 0o644): void {
  mkdirSync(join(at(path), '..'), { recursive: true })
  writeFileSync(at(path), content, { mode })
}

/** The script for this folder, changed by `edit`. */
function script(edit = (text: string) => text): string {
  return edit(
    backupScript({ state: at('state'), backups: at('backups'), audit: at('log/audit.jsonl'), root: dir }),
  )
}

/** Runs it to its end, by `shell`. */
function backup(args: readonly string[] = [NAME], { edit, shell = ['sh'] }: BackupOptions = {}) {
  const [command = '', ...words] = shell
  const run = spawnSync(command, [...words, '-c', script(edit), 'backup', ...args], { encoding: 'utf8' })
  return { status: run.status, stdout: run.stdout, stderr: run.stderr }
}

interface BackupOptions {
  readonly edit?: (text: string) => string
  readonly shell?: readonly string[]
}

function audited(): unknown[] {
  return readFileSync(at('log/audit.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
}

/** Whether its sums are those of all its files. */
function isWhole(name: string): boolean {
  const check =
    'sha256sum --check --quiet --strict SHA256SUMS && [ "$(find . -type f | wc -l)" = "$((1 + $(wc -l <SHA256SUMS)))" ]'
  return spawnSync('sh', ['-c', check], { cwd: at('backups', name) }).status === 0
}

describe('the backup script', () => {
  it('is clean POSIX shell in the eyes of shellcheck', () => {
    const args = ['--shell=sh', '--format=gcc', '-']
    const { stdout, status } = spawnSync('shellcheck', args, { encoding: 'utf8', input: backupScript() })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  it('copies the release and what leads to it, with modes and links, and the sums of all files', () => {
    expect(backup()).toEqual({ status: 0, stdout: `backup ${NAME} of v1.2 is made\n`, stderr: '' })

    expect(backups()).toEqual([NAME])
    const inside = (...path: string[]) => at('backups', NAME, ...path)
    expect(readdirSync(inside()).sort()).toEqual(['SHA256SUMS', 'backup.json', 'etc', 'release'])
    expect(lstatSync(inside()).mode & 0o777).toBe(0o700)
    expect(lstatSync(inside('release/nginx/gw/tls/rsa.key')).mode & 0o777).toBe(0o600)
    expect(lstatSync(inside('etc/nginx')).mode & 0o777).toBe(lstatSync(at('etc/nginx')).mode & 0o777)
    expect(readlinkSync(inside('etc/nginx/gw'))).toBe(at('state/current/nginx/gw'))
    expect(readFileSync(inside('etc/systemd/system/nginx.service.d/gw.conf'), 'utf8')).toBe('[Service]\n')
    expect(JSON.parse(readFileSync(inside('backup.json'), 'utf8'))).toEqual({
      schemaVersion: 1,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
      host: expect.any(String) as unknown,
      release: 'v1.2',
    })
    expect(isWhole(NAME)).toBe(true)
    expect(audited()).toMatchObject([{ event: 'backup', name: NAME, release: 'v1.2', result: 'made' }])
  })

  it('gives a nightly backup the minute as its name, and makes none twice', () => {
    const before = Date.now()
    expect(backup([])).toMatchObject({ status: 0 })
    const [name = ''] = backups()
    expect(name).toMatch(/^\d{8}T\d{4}00Z$/)
    expect([before, Date.now()].map((time) => `${backupName(new Date(time)).slice(0, 13)}00Z`)).toContain(
      name,
    )

    expect(backup([name])).toEqual({ status: 0, stdout: `backup ${name} is there already\n`, stderr: '' })
  })

  it.each([
    'v1.2',
    '../20261121T020000Z',
    '20261121T020000Z/..',
    '',
    '20261121t020000z',
    '20261121T020000Z\n',
  ])('refuses the name %j', (name) => {
    expect(backup([name])).toMatchObject({ status: 2, stderr: expect.stringContaining('no name') as unknown })
    expect(existsSync(at('backups'))).toBe(false)
  })

  it('says that there is nothing to back up before the first release', () => {
    rmSync(at('state'), { recursive: true })

    expect(backup()).toMatchObject({
      status: NOTHING_TO_BACK_UP,
      stderr: expect.stringContaining('no release is published') as unknown,
    })
    expect(backups()).toEqual([])
    expect(audited()).toMatchObject([{ name: NAME, result: 'failed' }])
  })

  it('backs up the confirmed release while another one is on trial', () => {
    write('state/trial/before', 'v1.1\n')
    backup()
    expect(readFileSync(at('backups', NAME, 'release/manifest.json'), 'utf8')).toBe('{"older":true}\n')

    write('state/trial/confirmed', '')
    expect(backup(['20261121T020001Z'])).toMatchObject({
      stdout: 'backup 20261121T020001Z of v1.2 is made\n',
    })
  })

  it.each(['', 'state/', 'state/releases/.staged-'])('refuses a release that is %sv1.2', (place) => {
    rmSync(at('state/current'))
    symlinkSync(`${dir}/${place}v1.2`, at('state/current'))
    expect(backup().status).toBe(1)
    expect(backups()).toEqual([])
  })

  it('waits while something changes the host, and lets others change it before it is done', async () => {
    const holder = spawn('flock', [at('state/work'), 'sh', '-c', 'echo held; cat'], { stdio: 'pipe' })
    await once(holder.stdout, 'data')
    const child = spawn('sh', ['-c', script(), 'backup', NAME])
    const ended = once(child, 'close')
    await expect.poll(() => existsSync(at('backups', `.${NAME}.partial`))).toBe(true)
    expect(existsSync(at('backups', `.${NAME}.partial/release`))).toBe(false)

    writeFileSync(at('state/releases/v1.2/manifest.json'), 'changed\n')
    holder.stdin.end()

    expect(await ended).toEqual([0, null])
    expect(readFileSync(at('backups', NAME, 'release/manifest.json'), 'utf8')).toBe('changed\n')
    // What waits for the lock of changes does not wait for the sums.
    const later = script((text) => text.replace('\nseal\n', `\nflock -n ${at('state/work')} true\nseal\n`))
    expect(spawnSync('sh', ['-c', later, 'backup', '20261121T020001Z']).status).toBe(0)
  })

  it('makes both of two that are asked for at once', async () => {
    const names = [NAME, '20261121T020001Z']
    const runs = names.map((name) => once(spawn('sh', ['-c', script(), 'backup', name]), 'close'))
    expect(await Promise.all(runs)).toEqual([
      [0, null],
      [0, null],
    ])
    expect(backups()).toEqual(names)
    expect(names.map(isWhole)).toEqual([true, true])
  })

  it('leaves nothing on a full disk, and says that it failed', () => {
    write('etc/nginx/large', 'x'.repeat(200_000))
    const limited = ['sh', '-c', 'trap "" XFSZ; ulimit -f 8; exec sh "$@"', 'sh']

    const { status, stderr } = backup([NAME], { shell: limited })

    expect(status).not.toBe(0)
    expect(stderr).toContain('File too large')
    expect(backups()).toEqual([])
    expect(audited()).toMatchObject([{ name: NAME, result: 'failed' }])
  })

  it.each(['TERM', 'HUP', 'INT'])('leaves nothing when a SIG%s ends it', (signal) => {
    const edit = (text: string) => text.replace('\nseal\n', () => `\nkill -s ${signal} "$$"\nseal\n`)
    expect(backup([NAME], { edit }).status).toBeGreaterThan(128)
    expect(backups()).toEqual([])
  })

  it('killed before any of its commands leaves whole backups, and the next one tidies up', () => {
    // Every command that changes the disk may be the last one.
    const commands = /^( *)(?=(?:mkdir|cp|printf|find|sync|mv|rm|exec) )/gm
    const old = '20200101T020000Z'
    let survived = 0
    for (let last = 0; survived === 0; last++) {
      write(`backups/${old}/file`, 'old\n')
      spawnSync('sh', ['-c', 'sha256sum file >SHA256SUMS'], { cwd: at('backups', old) })
      let command = 0
      const edit = (text: string) =>
        text.replaceAll(commands, (indent) => (command++ === last ? `${indent}kill -s KILL "$$"; ` : indent))

      const { status } = backup([NAME], { edit })

      if (command <= last) survived = last
      else if (status === 0) throw new Error(`command ${last} is never reached`)
      const named = backups().filter((name) => BACKUP_NAME.test(name))
      expect(named.filter((name) => !isWhole(name))).toEqual([])
      expect(backup(['20261121T020001Z'])).toMatchObject({ status: 0, stderr: '' })
      expect(backups().filter((name) => !BACKUP_NAME.test(name))).toEqual([])
      rmSync(at('backups'), { recursive: true })
    }
    expect(survived).toBeGreaterThan(10)
  })
})

describe('old backups', () => {
  const nameOf = (daysAgo: number) => backupName(new Date(Date.now() - daysAgo * DAY_MS))

  it('go after thirty days', () => {
    for (const days of [29, 31, 400]) write(`backups/${nameOf(days)}/file`, '')
    const kept = readdirSync(at('backups')).sort().at(-1)

    expect(backup([nameOf(0)])).toMatchObject({ status: 0, stderr: '' })

    expect(backups()).toEqual([kept, expect.stringMatching(BACKUP_NAME)])
  })

  it('keep the newest, however old it is, and the one just made', () => {
    const future = '29991231T000000Z'
    write(`backups/${future}/file`, '')

    expect(backup(['20200102T000000Z'])).toMatchObject({ status: 0 })
    expect(backups()).toEqual(['20200102T000000Z', future])

    rmSync(at('backups', future), { recursive: true })
    backup(['20200101T000000Z'])
    expect(backups()).toEqual(['20200101T000000Z', '20200102T000000Z'])
  })

  it('are folders with a name of that pattern, and nothing else ever goes', () => {
    mkdirSync(at('backups'))
    write('outside/file', 'precious\n')
    const digits = fc.integer({ min: 2000, max: 2025 }).map((year) => `${year}0101T020000Z`)
    const name = fc.oneof(
      { weight: 3, arbitrary: digits },
      fc
        .tuple(digits, fc.constantFrom('-original', '-overwritten', ' ', '.', '\n', '~', '*', 'Z'))
        .map((parts) => parts.join('')),
      digits.map((text) => `.${text}`),
      digits.map((text) => `.${text}.partial`),
      digits.map((text) => text.toLowerCase()),
      fc
        .string({ minLength: 1, maxLength: 20 })
        .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..'),
    )
    const kind = fc.constantFrom('folder', 'folder', 'file', 'link', 'dangling')
    const lying = fc.uniqueArray(fc.tuple(name, kind), { selector: ([each]) => each, maxLength: 8 })
    fc.assert(
      fc.property(lying, (entries) => {
        rmSync(at('backups'), { recursive: true })
        mkdirSync(at('backups'))
        for (const [each, what] of entries) put(at('backups', each), what)
        const before = readdirSync(at('backups'))

        expect(backup().status).toBe(0)

        const gone = /^(\d{8}T\d{6}Z|\.\d{8}T\d{6}Z\.partial)$/
        const mayGo = entries.filter(([each, what]) => what === 'folder' && gone.test(each))
        const kept = before.filter((each) => !mayGo.some(([old]) => old === each))
        expect(backups()).toEqual([...kept, NAME].sort())
        expect(readFileSync(at('outside/file'), 'utf8')).toBe('precious\n')
      }),
      { numRuns: 30 },
    )
  })

  function put(path: string, what: string): void {
    if (what === 'folder') {
      mkdirSync(path)
      symlinkSync(at('outside'), join(path, 'link'))
      symlinkSync(at('outside/file'), join(path, 'file'))
    } else if (what === 'file') writeFileSync(path, '')
    else symlinkSync(what === 'link' ? at('outside') : at('nowhere'), path)
  }
})
