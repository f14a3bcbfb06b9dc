import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
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
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.js'
import { absent } from '../../src/operations/absent.js'
import { directory } from '../../src/operations/directory.js'
import { type FileArguments, file } from '../../src/operations/file.js'
import { link } from '../../src/operations/link.js'
import { sh } from '../../src/shell/script.js'
import { applyHere, decideHere, run } from './local-shell.js'

const NASTY = 'it\'s "quoted" $(id) `id` $HOME \\n %s\n\n\tend without newline'

describe('operations on files, done by a real shell', () => {
  let dir: string
  let path: string
  const owner = userInfo().username
  let group: string

  beforeAll(async () => {
    group = (await run(sh`id -gn`)).stdout.trim()
  })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "gw it's "))
    path = join(dir, 'nginx $(id).conf')
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  const wanted = (content: string | Secret, more: Partial<FileArguments> = {}) =>
    file({ path, content, owner, group, ...more })
  const modeOf = (at: string) => (lstatSync(at).mode & 0o7777).toString(8)

  it('writes a file whole, with its mode, and then has nothing to do', async () => {
    const operation = wanted(NASTY, { mode: '0640' })

    expect(await applyHere(await decideHere(operation))).toMatchObject({ exitCode: 0, stderr: '' })

    expect(readFileSync(path, 'utf8')).toBe(NASTY)
    expect(modeOf(path)).toBe('640')
    expect(readdirSync(dir)).toHaveLength(1)
    expect(await decideHere(operation)).toMatchObject({ kind: 'ok' })
  })

  it('waits for another program that is at work on the file, and loses neither version', async () => {
    const [first, second] = ['first '.repeat(50_000), 'second '.repeat(50_000)]
    const one = await decideHere(wanted(first))
    const other = await decideHere(wanted(second))
    if (one.kind !== 'change' || other.kind !== 'change') throw new Error('nothing to change')

    const slow = spawn('/bin/sh', ['-c', one.script.text], { stdio: ['pipe', 'ignore', 'ignore'] })
    const slowEnd = once(slow, 'close')
    slow.stdin.write(first.slice(0, 1000))
    await expect.poll(() => readdirSync(dir)).toHaveLength(1)
    const otherEnd = applyHere(other)
    slow.stdin.end(first.slice(1000))

    expect(await slowEnd).toEqual([0, null])
    expect(await otherEnd).toMatchObject({ exitCode: 0 })
    expect(readFileSync(path, 'utf8')).toBe(second)
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it('writes any text and any name of a file unchanged, and then has nothing to do', async () => {
    const name = fc
      .string({
        unit: fc.constantFrom('a', 'B', '0', '.', '-', '_', "'", '"', '$', '(', ')', ' ', '*', ';', '~', 'ü'),
      })
      .filter((text) => text.trim() === text && !['', '.', '..'].includes(text))
    const content = fc.string({ unit: 'grapheme', maxLength: 500 })

    await fc.assert(
      fc.asyncProperty(name, content, async (basename, text) => {
        const operation = file({ path: join(dir, basename), content: text, owner, group })
        const decision = await decideHere(operation)
        if (decision.kind === 'change') await applyHere(decision)
        expect(readFileSync(join(dir, basename), 'utf8')).toBe(text)
        expect(await decideHere(operation)).toMatchObject({ kind: 'ok' })
      }),
      { numRuns: 25 },
    )
  })

  it('shows the old text and the new one, and replaces it', async () => {
    writeFileSync(path, 'old\n', { mode: 0o600 })

    const decision = await decideHere(wanted('new\n'))
    expect(decision).toMatchObject({
      summary: 'content differs, mode 0600 -> 0644',
      diffs: [{ path, before: 'old\n', after: 'new\n' }],
    })
    expect(await applyHere(decision)).toMatchObject({ exitCode: 0 })

    expect(readFileSync(path, 'utf8')).toBe('new\n')
    expect(modeOf(path)).toBe('644')
  })

  it('sets only the mode when only the mode differs', async () => {
    writeFileSync(path, 'same')
    chmodSync(path, 0o666)
    const before = lstatSync(path).ino

    expect(await applyHere(await decideHere(wanted('same')))).toMatchObject({ exitCode: 0 })

    expect(modeOf(path)).toBe('644')
    expect(lstatSync(path).ino).toBe(before)
  })

  it('fetches and shows nothing of a secret', async () => {
    writeFileSync(path, 'old secret', { mode: 0o600 })

    const decision = await decideHere(wanted(new Secret('new secret')))

    expect(decision).toMatchObject({ summary: 'content differs (secret)' })
    expect(decision).not.toHaveProperty('diffs')
    expect(JSON.stringify({ ...decision, input: undefined })).not.toMatch(/(old|new) secret/)
    expect(await applyHere(decision)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(readFileSync(path, 'utf8')).toBe('new secret')
    expect(modeOf(path)).toBe('600')
  })

  it.each([0, 1, 4])('changes nothing when only %d bytes arrive', async (bytes) => {
    writeFileSync(path, 'old')
    const decision = await decideHere(wanted('a new content'))

    const ended = await applyHere(decision, Buffer.from('a new content').subarray(0, bytes))

    expect(ended.exitCode).toBe(74)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it('changes nothing when the test of the staged copy fails, and shows what it said', async () => {
    writeFileSync(path, 'old')
    const decision = await decideHere(wanted('bad', { test: (staged) => sh`! grep -H bad -- ${staged}` }))

    const refused = await applyHere(decision)

    expect(refused.exitCode).not.toBe(0)
    expect(refused.stdout).toContain('bad')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it('changes nothing on a full disk', async () => {
    writeFileSync(path, 'old')
    const decision = await decideHere(wanted('x'.repeat(200_000)))
    // A limit on the size of files stops the write in its middle as a full disk does.
    const limited = ['/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 8; exec /bin/sh "$@"', 'sh']

    const ended = await applyHere(decision, undefined, limited)

    expect(ended.exitCode).not.toBe(0)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it.each(['TERM', 'HUP', 'INT'])('leaves the old file and no copy when a SIG%s ends it', async (signal) => {
    writeFileSync(path, 'old')
    const stopping = wanted('new', { test: () => sh`kill -s ${signal} "$$"` })

    const ended = await applyHere(await decideHere(stopping))

    expect(ended.exitCode).toBeGreaterThan(128)
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(dir)).toHaveLength(1)
  })

  it('removes the copy that a killed run left, and does not write through a link there', async () => {
    symlinkSync('victim', join(dir, '.nginx $(id).conf.gw-staged'))
    writeFileSync(join(dir, 'victim'), 'untouched')

    expect(await applyHere(await decideHere(wanted('new')))).toMatchObject({ exitCode: 0 })

    expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('untouched')
    expect(readdirSync(dir)).toHaveLength(2)
  })

  it('replaces a link by the file and leaves what it led to', async () => {
    writeFileSync(join(dir, 'elsewhere'), 'untouched')
    symlinkSync('elsewhere', path)

    expect(await applyHere(await decideHere(wanted('new')))).toMatchObject({ exitCode: 0 })

    expect(lstatSync(path).isFile()).toBe(true)
    expect(readFileSync(join(dir, 'elsewhere'), 'utf8')).toBe('untouched')
  })

  it('refuses a directory, planned or appearing later', async () => {
    const decision = await decideHere(wanted('new'))
    const linking = await decideHere(link({ path, target: 'elsewhere' }))
    mkdirSync(path)

    expect((await applyHere(decision)).exitCode).toBe(1)
    expect((await applyHere(linking)).exitCode).toBe(1)
    expect(await decideHere(wanted('new'))).toMatchObject({ kind: 'blocked' })
    expect(await decideHere(link({ path, target: 'elsewhere' }))).toMatchObject({ kind: 'blocked' })
    expect(readdirSync(path)).toEqual([])
  })

  it('makes a directory with its parents, and then has nothing to do', async () => {
    const at = join(dir, 'a', 'b')
    const operation = directory({ path: at, mode: '2750', owner, group })

    expect(await applyHere(await decideHere(operation))).toMatchObject({ exitCode: 0 })

    expect(modeOf(at)).toBe('2750')
    expect(modeOf(join(dir, 'a'))).toBe('755')
    expect(await decideHere(operation)).toMatchObject({ kind: 'ok' })
    chmodSync(at, 0o777)
    expect(await applyHere(await decideHere(operation))).toMatchObject({ exitCode: 0 })
    expect(modeOf(at)).toBe('2750')
  })

  it('makes a link, moves it in one step even when it leads to a directory, and then has nothing to do', async () => {
    mkdirSync(join(dir, 'v1'))
    mkdirSync(join(dir, 'v2'))
    for (const target of ['v1', 'v2']) {
      const operation = link({ path, target })
      expect(await applyHere(await decideHere(operation))).toMatchObject({ exitCode: 0 })
      expect(readlinkSync(path)).toBe(target)
      expect(await decideHere(operation)).toMatchObject({ kind: 'ok' })
    }
    expect(readdirSync(join(dir, 'v1'))).toEqual([])
  })

  it('removes files, links and empty directories, and no full directory', async () => {
    writeFileSync(path, 'x')
    symlinkSync(path, join(dir, 'link'))
    mkdirSync(join(dir, 'empty'))
    mkdirSync(join(dir, 'full', 'of'), { recursive: true })
    for (const name of ['link', 'empty']) {
      expect(await applyHere(await decideHere(absent({ path: join(dir, name) })))).toMatchObject({
        exitCode: 0,
      })
      expect(await decideHere(absent({ path: join(dir, name) }))).toMatchObject({ kind: 'ok' })
    }

    expect((await applyHere(await decideHere(absent({ path: join(dir, 'full') })))).exitCode).not.toBe(0)

    expect(readdirSync(dir).sort()).toEqual(['full', 'nginx $(id).conf'])
  })
})
