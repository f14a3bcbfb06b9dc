import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileQuestion, fileState } from '../../src/facts/file.js'
import { sh } from '../../src/shell/script.js'
import { answersOf, run } from '../operations/local-shell.js'

const OTHER_SUM = '0'.repeat(64)

const sumOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')

describe('the question about files, asked by a real shell', () => {
  let dir: string

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gw facts '))
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  const ask = (...args: FileQuestion[]) => answersOf(fileState, args)

  it('tells what stands at each path, in the order asked, without following links or opening a fifo', async () => {
    writeFileSync(join(dir, 'file'), 'hello\n', { mode: 0o640 })
    mkdirSync(join(dir, 'directory'), { mode: 0o750 })
    symlinkSync('--', join(dir, 'odd link'))
    symlinkSync('file', join(dir, 'link'))
    await run(sh`mkfifo -- ${join(dir, 'fifo')}`)

    const answers = await ask(
      ...['odd link', 'file', 'absent', 'directory', 'fifo', 'link'].map((name) => ({
        path: join(dir, name),
      })),
    )

    expect(answers).toMatchObject([
      { type: 'link', target: '--' },
      { type: 'file', mode: '0640', size: 6, sha256: sumOf('hello\n'), content: null },
      { type: 'absent' },
      { type: 'directory', mode: '0750' },
      { type: 'fifo' },
      { type: 'link', target: 'file' },
    ])
    const asked = answers[1]
    expect(asked?.type === 'file' && asked.changedAt).toBeCloseTo(
      statSync(join(dir, 'file')).ctimeMs / 1000,
      2,
    )
  })

  it('fetches a text only when it differs from what is expected', async () => {
    const path = join(dir, "it's")
    writeFileSync(path, 'now')

    const [same, other, unasked] = [
      ...(await ask({ path, expectSha256: [sumOf('now')] })),
      ...(await ask({ path, expectSha256: [OTHER_SUM] })),
      ...(await ask({ path })),
    ]

    expect(same).toMatchObject({ content: null, sha256: sumOf('now') })
    expect(other).toMatchObject({ content: 'now' })
    expect(unasked).toMatchObject({ content: null })
  })

  it('fetches neither large files nor binary ones, and sums no giant', async () => {
    const [large, binary, giant] = ['large', 'binary', 'giant'].map((name) => join(dir, name))
    writeFileSync(large ?? '', 'x'.repeat(262_145))
    writeFileSync(binary ?? '', Buffer.from([0, 1, 2]))
    writeFileSync(giant ?? '', '')
    truncateSync(giant ?? '', 64 * 2 ** 20 + 1)

    const answers = await ask(
      ...[large, binary, giant].map((path) => ({ path: path ?? '', expectSha256: [OTHER_SUM] })),
    )

    expect(answers).toMatchObject([
      { type: 'file', content: null, sha256: sumOf('x'.repeat(262_145)) },
      { type: 'file', content: null, sha256: sumOf(Buffer.from([0, 1, 2])) },
      { type: 'file', content: null, sha256: null, size: 64 * 2 ** 20 + 1 },
    ])
  })

  it('keeps the answer within its limit however many files differ', async () => {
    const paths = Array.from({ length: 16 }, (_, index) => join(dir, String(index)))
    for (const path of paths) writeFileSync(path, 'x'.repeat(250_000))

    const { stdout } = await run(fileState.script(paths.map((path) => ({ path, expectSha256: [OTHER_SUM] }))))

    expect(stdout.length).toBeLessThan(2.1e6)
    expect(stdout.length).toBeGreaterThan(1e6)
  })

  it('asks about a hundred files in less than 10 KB', () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/var/lib/gw/current/nginx/part-${index}.conf`)

    const { text } = fileState.script(paths.map((path) => ({ path, expectSha256: [OTHER_SUM] })))

    expect(text.length).toBeLessThan(8_000)
  })

  it('carries any text and any link target unchanged', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((value) => !value.includes('\0'))
    const target = fc
      .string({
        unit: fc.constantFrom('a', '/', '.', '-', ' ', "'", '"', '$', '`', '\\', '*', '\n', '\t', 'é'),
        minLength: 1,
        maxLength: 40,
      })
      .filter((value) => value.trim() !== '')
    const path = join(dir, 'text')
    const link = join(dir, 'link')

    await fc.assert(
      fc.asyncProperty(text, target, async (content, leadsTo) => {
        writeFileSync(path, content)
        rmSync(link, { force: true })
        symlinkSync(leadsTo, link)
        expect(await ask({ path: link }, { path, expectSha256: [OTHER_SUM] })).toMatchObject([
          { target: leadsTo },
          { content, sha256: sumOf(content) },
        ])
      }),
      { numRuns: 40 },
    )
  })
})
