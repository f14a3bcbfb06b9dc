import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BACKUP_NAME, backupName } from '../../src/model/backup.js'
import { BackupGround } from './backup-ground.js'

const NAME = '20261121T020000Z'
const DAY_MS = 86_400_000

let ground: BackupGround

beforeEach(() => {
  ground = new BackupGround()
})

afterEach(() => {
  ground.remove()
})

describe('old backups', () => {
  const nameOf = (daysAgo: number) => backupName(new Date(Date.now() - daysAgo * DAY_MS))

  it('go after thirty days', () => {
    for (const days of [29, 31, 400]) ground.write(`backups/${nameOf(days)}/file`, '')
    const kept = readdirSync(ground.at('backups')).sort().at(-1)

    expect(ground.backup([nameOf(0)])).toMatchObject({ status: 0, stderr: '' })

    expect(ground.backups()).toEqual([kept, expect.stringMatching(BACKUP_NAME)])
  })

  it('keep the newest, however old it is, and the one just made', () => {
    const future = '29991231T000000Z'
    ground.write(`backups/${future}/file`, '')

    expect(ground.backup(['20200102T000000Z'])).toMatchObject({ status: 0 })
    expect(ground.backups()).toEqual(['20200102T000000Z', future])

    rmSync(ground.at('backups', future), { recursive: true })
    ground.backup(['20200101T000000Z'])
    expect(ground.backups()).toEqual(['20200101T000000Z', '20200102T000000Z'])
  })

  it('are folders with a name of that pattern, and nothing else ever goes', () => {
    mkdirSync(ground.at('backups'))
    ground.write('outside/file', 'precious\n')
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
        rmSync(ground.at('backups'), { recursive: true })
        mkdirSync(ground.at('backups'))
        for (const [each, what] of entries) put(ground.at('backups', each), what)
        const before = readdirSync(ground.at('backups'))

        expect(ground.backup([NAME]).status).toBe(0)

        const isLeftover = /^\.\d{8}T\d{6}Z\.partial$/
        const mayGo = entries.filter(
          ([each, what]) => isLeftover.test(each) || (what === 'folder' && BACKUP_NAME.test(each)),
        )
        const kept = before.filter((each) => !mayGo.some(([old]) => old === each))
        expect(ground.backups()).toEqual([...kept, NAME].sort())
        expect(readFileSync(ground.at('outside/file'), 'utf8')).toBe('precious\n')
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  function put(path: string, what: string): void {
    if (what === 'folder') {
      mkdirSync(path)
      symlinkSync(ground.at('outside'), join(path, 'link'))
      symlinkSync(ground.at('outside/file'), join(path, 'file'))
    } else if (what === 'file') writeFileSync(path, '')
    else symlinkSync(what === 'link' ? ground.at('outside') : ground.at('nowhere'), path)
  }
})
