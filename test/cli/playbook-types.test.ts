import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../architecture/source.js'

/** What the compiler says of a playbook in a folder of a user's own, where gw is installed. */
function problems(folder: string, source: string): string[] {
  const file = join(folder, 'playbook.ts')
  writeFileSync(file, source)
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
  }
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options))
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe("a playbook of a user's own", () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gw-types-'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/gw'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('type-checks as docs/playbooks.md has it', () => {
    const [, example = ''] =
      /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/playbooks.md'), 'utf8')) ?? []
    expect(example).toContain('export default playbook(')
    expect(problems(folder, example)).toEqual([])
  }, 60_000)

  it('is told of a mistake by its editor', () => {
    const source = `import { file } from 'gw'\nexport default file({ path: '/etc/motd', contents: 'x' })\n`
    expect(problems(folder, source)).toEqual([expect.stringContaining("'contents' does not exist")])
  }, 60_000)
})
