import { spawn } from 'node:child_process'
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
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../src/facts/fact.js'
import { guardStatus } from '../../src/facts/guard.js'
import { Secret } from '../../src/model/secret.js'
import { type TreeArguments, tree } from '../../src/operations/tree.js'
import { sh, shellLine } from '../../src/shell/script.js'
import { applyHere, decideHere, run } from './local-shell.js'

type Contents = Readonly<Record<string, string | Secret>>

const FIRST: Contents = {
  'nginx/nginx.conf': 'one\n',
  'nginx/gw/site.conf': 'site\n',
  'keepalived.conf': '1\n',
}
const SECOND: Contents = { ...FIRST, 'nginx/nginx.conf': 'two\n' }
const RELEASE = /^\d{8}T\d{6}Z-\d+$/

describe('a tree, published by a real shell', () => {
  let dir: string
  let group: string

  beforeAll(async () => {
    group = (await run(sh`id -gn`)).stdout.trim()
  })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "gw tree it's "))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  const at = (...path: string[]) => join(dir, ...path)
  const wanted = (contents: Contents, more: Partial<TreeArguments<number>> = {}) =>
    tree({
      link: at('current'),
      store: at('releases'),
      previous: at('previous'),
      owner: userInfo().username,
      group,
      files: {
        question: ask(guardStatus, { script: ':' }),
        render: () =>
          Object.entries(contents).map(([path, content]) => ({
            path,
            content,
            mode: content instanceof Secret ? '0600' : '0644',
          })),
        likely: [0],
      },
      ...more,
    })
  const deploy = async (contents: Contents, more?: Partial<TreeArguments<number>>) =>
    applyHere(await decideHere(wanted(contents, more)))
  const modeOf = (path: string) => (lstatSync(at(path)).mode & 0o7777).toString(8)
  const published = () =>
    Object.fromEntries(Object.keys(FIRST).map((path) => [path, readFileSync(at('current', path), 'utf8')]))
  const names = () => readdirSync(dir).sort()

  it('publishes a first release with modes, and then has nothing to do', async () => {
    const contents = { ...FIRST, 'nginx/gw/tls/rsa.key': new Secret('key\n') }

    expect(await deploy(contents)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })

    expect(published()).toEqual(FIRST)
    expect([modeOf('current/keepalived.conf'), modeOf('current/nginx/gw/tls/rsa.key')]).toEqual([
      '644',
      '600',
    ])
    expect([modeOf('current/'), modeOf('current/nginx/gw'), modeOf('current/nginx/gw/tls')]).toEqual([
      '755',
      '755',
      '700',
    ])
    expect(names()).toEqual(['current', 'releases'])
    expect(readdirSync(at('releases'))).toEqual([expect.stringMatching(RELEASE)])
    expect(await decideHere(wanted(contents))).toMatchObject({ kind: 'ok' })
  })

  it('keeps the release before, the times of what did not change, and no older release', async () => {
    await deploy(FIRST)
    const first = readlinkSync(at('current'))
    utimesSync(at('current/keepalived.conf'), 1000, 1000)
    utimesSync(at('current/nginx/nginx.conf'), 1000, 1000)

    await deploy(SECOND)

    expect(published()).toEqual(SECOND)
    expect(readlinkSync(at('previous'))).toBe(first)
    expect(lstatSync(at('current/keepalived.conf')).mtimeMs).toBe(1_000_000)
    expect(Date.now() - lstatSync(at('current/nginx/nginx.conf')).mtimeMs).toBeLessThan(60_000)
    const second = readlinkSync(at('current'))
    await deploy(FIRST)
    expect(readlinkSync(at('previous'))).toBe(second)
    expect(readdirSync(at('releases')).map((name) => at('releases', name))).toEqual(
      expect.arrayContaining([second, readlinkSync(at('current'))]),
    )
    expect(existsSync(first)).toBe(false)
  })

  it('removes nothing but its own releases', async () => {
    await deploy(FIRST)
    const kept = ['v1.2', '20261121T163000Z-4711x', '20261121T163000Z-', 'notes', '20261121T163000Z-1']
    for (const name of kept.slice(0, 4)) mkdirSync(at('releases', name))
    mkdirSync(at('elsewhere'))
    symlinkSync(at('elsewhere'), at('releases', kept[4] ?? ''))
    mkdirSync(at('releases', '20261121T163000Z-4711'))

    await deploy(SECOND)

    expect(readdirSync(at('releases'))).toHaveLength(2 + kept.length)
    expect(readdirSync(at('releases'))).toEqual(expect.arrayContaining(kept))
    expect(existsSync(at('elsewhere'))).toBe(true)
  })

  it('shows what differs, and nothing of a secret', async () => {
    await deploy({ ...FIRST, key: new Secret('the old key\n') })

    const decision = await decideHere(wanted({ ...SECOND, key: new Secret('the new key\n') }))

    expect(decision).toMatchObject({
      summary: '2 files differ: nginx/nginx.conf, key',
      diffs: [{ path: at('current/nginx/nginx.conf'), before: 'one\n', after: 'two\n' }],
      touches: [at('current/nginx/nginx.conf'), at('current/key')],
    })
    expect(JSON.stringify({ ...decision, input: undefined })).not.toMatch(/(old|new) key/)
  })

  it('repairs a file that was changed by hand, and one that was taken away', async () => {
    await deploy(FIRST)
    writeFileSync(at('current/nginx/nginx.conf'), 'by hand\n')
    rmSync(at('current/keepalived.conf'))

    expect(await decideHere(wanted(FIRST))).toMatchObject({
      summary: '1 file differs, 1 new: nginx/nginx.conf, keepalived.conf',
    })
    await deploy(FIRST)

    expect(published()).toEqual(FIRST)
  })

  it.each([0, 1, 5])('changes nothing when only %d bytes arrive', async (bytes) => {
    await deploy(FIRST)
    const decision = await decideHere(wanted({ ...SECOND, 'keepalived.conf': '2\n' }))

    const ended = await applyHere(decision, Buffer.from('two\n2\n').subarray(0, bytes))

    expect(ended.exitCode).toBe(74)
    expect(ended.stderr).toContain('did not arrive whole')
    expect(published()).toEqual(FIRST)
    expect(names()).toEqual(['current', 'releases'])
    expect(readdirSync(at('releases'))).toHaveLength(1)
  })

  it('changes nothing when a file that was to be copied is another one by now', async () => {
    await deploy(FIRST)
    const decision = await decideHere(wanted(SECOND))
    writeFileSync(at('current/keepalived.conf'), 'by hand\n')

    expect((await applyHere(decision)).exitCode).toBe(74)

    expect(published()).toEqual({ ...FIRST, 'keepalived.conf': 'by hand\n' })
  })

  it('changes nothing on a full disk', async () => {
    await deploy(FIRST)
    const decision = await decideHere(wanted({ ...FIRST, 'keepalived.conf': 'x'.repeat(200_000) }))
    const limited = ['/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 8; exec /bin/sh "$@"', 'sh']

    expect((await applyHere(decision, undefined, limited)).exitCode).not.toBe(0)

    expect(published()).toEqual(FIRST)
    expect(readdirSync(at('releases'))).toHaveLength(1)
  })

  it('tests the staged copy with its modes, and changes nothing when the test fails', async () => {
    await deploy(FIRST)
    const test = (staged: string) => sh`
      stat -c %a -- ${staged} ${staged}/nginx/nginx.conf
      ! grep -H two -- ${staged}/nginx/nginx.conf`

    const refused = await deploy(SECOND, { test })

    expect(refused.exitCode).not.toBe(0)
    expect(refused.stdout).toMatch(/^755\n644\n.*nginx\/nginx.conf:two\n$/)
    expect(published()).toEqual(FIRST)
    expect(readdirSync(at('releases'))).toHaveLength(1)
    expect(await deploy({ ...FIRST, 'keepalived.conf': '2\n' }, { test })).toMatchObject({ exitCode: 0 })
  })

  it('refuses a folder at the link, planned or appearing later', async () => {
    const decision = await decideHere(wanted(FIRST))
    mkdirSync(at('current'))

    expect((await applyHere(decision)).exitCode).toBe(1)
    expect(await decideHere(wanted(FIRST))).toMatchObject({ kind: 'blocked' })
    expect(readdirSync(at('current'))).toEqual([])
  })

  it('waits for another program at work in the store', async () => {
    await deploy(FIRST)
    const one = await decideHere(wanted(SECOND))
    const other = await decideHere(wanted({ ...FIRST, 'keepalived.conf': '2\n' }))
    if (one.kind !== 'change') throw new Error('nothing to change')

    const slow = spawn('/bin/sh', ['-c', one.script.text], { stdio: ['pipe', 'ignore', 'ignore'] })
    const slowEnd = once(slow, 'close')
    await expect.poll(() => existsSync(at('releases/.staged/nginx/nginx.conf'))).toBe(true)
    const otherEnd = applyHere(other)
    slow.stdin.end(one.input)

    expect(await slowEnd).toEqual([0, null])
    // What it wanted to copy is no longer what it saw.
    expect((await otherEnd).exitCode).toBe(74)
    expect(published()).toEqual(SECOND)
  })

  it.each(['TERM', 'HUP', 'INT'])(
    'leaves the old release and no copy when a SIG%s ends it',
    async (signal) => {
      await deploy(FIRST)

      const ended = await deploy(SECOND, { test: () => sh`kill -s ${signal} "$$"` })

      expect(ended.exitCode).toBeGreaterThan(128)
      expect(published()).toEqual(FIRST)
      expect(readdirSync(at('releases'))).toHaveLength(1)
    },
  )

  it('is whole at every moment: killed before any of its commands, and finished by the next run', async () => {
    // Every command that changes the disk may be the last one.
    const commands = /^( *)(?=(?:mkdir|cd|head|cp|chown|chmod|sync|touch|mv|ln|rm) )/gm
    const version = (number: number) => ({ ...FIRST, 'nginx/nginx.conf': `${number}\n` })
    await deploy(version(0))
    await deploy(version(1))
    let survived = 0
    for (let last = 0; survived === 0; last++) {
      const [old, next] = [version(last + 1), version(last + 2)]
      const decision = await decideHere(wanted(next))
      if (decision.kind !== 'change') throw new Error('nothing to change')
      let command = 0
      const text = decision.script.text.replaceAll(commands, (indent) =>
        command++ === last ? `${indent}kill -s KILL "$$"; ` : indent,
      )

      const { exitCode } = await run(shellLine(text), decision.input)

      if (command <= last) survived = last
      else expect(exitCode).toBeNull()
      expect([old, next]).toContainEqual(published())
      expect(readlinkSync(at('current'))).toMatch(/releases\/\d{8}T\d{6}Z-\d+$/)
      const rest = await decideHere(wanted(next))
      if (rest.kind === 'change') expect(await applyHere(rest)).toMatchObject({ exitCode: 0, stderr: '' })
      expect(published()).toEqual(next)
    }
    expect(survived).toBeGreaterThan(20)
    await deploy(FIRST)
    expect(names()).toEqual(['current', 'previous', 'releases'])
    expect(
      readdirSync(at('releases'), { withFileTypes: true })
        .map(({ name }) => at('releases', name))
        .sort(),
    ).toEqual([readlinkSync(at('current')), readlinkSync(at('previous'))].sort())
  }, 60_000)
})
