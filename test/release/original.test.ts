import {
  chmodSync,
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
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statePaths } from '../../src/model/state-paths.js'
import { link } from '../../src/operations/link.js'
import { keepOriginal } from '../../src/release/original.js'
import { shellLine } from '../../src/shell/script.js'
import { applyHere, decideHere, run } from '../operations/local-shell.js'

const ARCHIVE = /^\d{8}T\d{6}Z-original$/

describe('what stood there before gw', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "gw original it's "))
    write('etc/nginx/nginx.conf', 'worker_processes 1;\n')
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  const at = (...path: string[]) => join(dir, ...path)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
  const places = () => ({ paths: statePaths(at('state')), backups: at('backups'), links: links() })
  const links = () =>
    ['nginx/nginx.conf', 'nginx/gw', 'keepalived/keepalived.conf'].map((file) => ({
      path: at('etc', file),
      target: at('state/current', file),
    }))
  const modeOf = (path: string) => (lstatSync(at(path)).mode & 0o777).toString(8)
  const keep = async () => applyHere(await decideHere(keepOriginal(places())))
  const original = (path: string) => at('state/releases/original', path)
  const archives = () => readdirSync(at('backups'))
  const archived = (path: string) => join(at('backups'), archives()[0] ?? '', at('etc', path))

  it('is the current release, and stands in the backups, too', async () => {
    write('etc/keepalived/keepalived.conf', 'vrrp\n')

    expect(await keep()).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(readlinkSync(at('state/current'))).toBe(at('state/releases/original'))
    for (const file of ['nginx/nginx.conf', 'keepalived/keepalived.conf']) {
      const text = readFileSync(at('etc', file), 'utf8')
      expect(readFileSync(original(file), 'utf8')).toBe(text)
      expect(readFileSync(archived(file), 'utf8')).toBe(text)
    }
    expect(archives()).toEqual([expect.stringMatching(ARCHIVE)])
    expect(await decideHere(keepOriginal(places()))).toMatchObject({ kind: 'ok' })
  })

  it('may be nothing: then there is nothing to archive', async () => {
    rmSync(at('etc'), { recursive: true })
    expect(await keep()).toMatchObject({ exitCode: 0 })
    expect(readdirSync(original('.'))).toEqual([])
    expect(archives()).toEqual([])
  })

  it('is kept with its modes and times, folders whole', async () => {
    write('etc/nginx/gw/inner/site.conf', 'site\n')
    await run(
      shellLine(
        `cd '${dir.replaceAll("'", "'\\''")}/etc/nginx' && chmod 0640 nginx.conf && touch -d @1000 nginx.conf`,
      ),
    )

    await keep()

    expect(lstatSync(original('nginx/nginx.conf'))).toMatchObject({ mtimeMs: 1_000_000, mode: 0o100640 })
    expect(readFileSync(original('nginx/gw/inner/site.conf'), 'utf8')).toBe('site\n')
    expect(readFileSync(archived('nginx/gw/inner/site.conf'), 'utf8')).toBe('site\n')
  })

  it('is no more open than it was, and the backups are for root alone', async () => {
    write('etc/keepalived/keepalived.conf', 'auth_pass\n')
    chmodSync(at('etc/keepalived'), 0o700)
    chmodSync(at('etc/nginx'), 0o751)

    await keep()

    const modes = ['state', 'state/releases', 'state/releases/original', 'backups'].map(modeOf)
    expect(modes).toEqual(['755', '755', '755', '700'])
    expect([modeOf('state/releases/original/keepalived'), modeOf('state/releases/original/nginx')]).toEqual([
      '700',
      '751',
    ])
    expect(modeOf(join('backups', archives()[0] ?? ''))).toBe('700')
  })

  it.each([
    ['absolute', '/nowhere/nginx.conf', '/nowhere/nginx.conf'],
    ['relative', '../other/nginx.conf', null],
  ])(
    'is an %s link: what is read through the copy is what was read through it',
    async (_title, target, led) => {
      rmSync(at('etc/nginx/nginx.conf'))
      symlinkSync(target, at('etc/nginx/nginx.conf'))
      if (led === null) write('etc/other/nginx.conf', 'other\n')

      await keep()

      expect(readlinkSync(archived('nginx/nginx.conf'))).toBe(target)
      if (led === null) expect(readFileSync(original('nginx/nginx.conf'), 'utf8')).toBe('other\n')
      else expect(readlinkSync(original('nginx/nginx.conf'))).toBe(led)
    },
  )

  it("is not one of gw's own links that a lost state left behind", async () => {
    rmSync(at('etc/nginx/nginx.conf'))
    symlinkSync(at('state/current/nginx/nginx.conf'), at('etc/nginx/nginx.conf'))
    await keep()
    expect(existsSync(original('nginx/nginx.conf'))).toBe(false)
    expect(archives()).toEqual([])
  })

  it('is asked for once: a folder at the link is refused, a publish is enough', async () => {
    mkdirSync(at('state/current'), { recursive: true })
    expect(await decideHere(keepOriginal(places()))).toMatchObject({ kind: 'blocked' })
  })

  it('is read as ever, by whatever reads it, before and after every command of gw', async () => {
    write('etc/keepalived/keepalived.conf', 'vrrp\n')
    const commands = /^( *)(?=(?:mkdir|chmod|cp|sync|mv|ln|rm|rmdir) )/gm
    const read = () =>
      ['nginx/nginx.conf', 'keepalived/keepalived.conf'].map((file) => readFileSync(at('etc', file), 'utf8'))
    const texts = read()
    for (let last = 0; ; last++) {
      const operations = [keepOriginal(places()), ...links().map(link)]
      const coming = { changes: (subject: string) => subject === at('state/current') }
      let command = 0
      for (const operation of operations) {
        const decision = await decideHere(operation, coming)
        if (decision.kind !== 'change') continue
        const text = decision.script.text.replaceAll(commands, (indent) =>
          command++ === last ? `${indent}kill -s KILL "$$"; ` : indent,
        )
        const { exitCode } = await run(shellLine(text))
        expect(read()).toEqual(texts)
        if (exitCode === null) break
      }
      if (command <= last) break
    }
    expect(readlinkSync(at('etc/nginx/nginx.conf'))).toBe(at('state/current/nginx/nginx.conf'))
    expect(readdirSync(at('state/releases'))).toEqual(['original'])
    expect(archives().every((name) => ARCHIVE.test(name))).toBe(true)
  })
})
