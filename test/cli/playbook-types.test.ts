import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../root.js'

const [, EXAMPLE = ''] =
  /```ts\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/playbooks.md'), 'utf8')) ?? []
const MISTAKE = `import { file } from 'gw'\nexport default file({ path: '/etc/motd', contents: 'x' })\n`

describe("a playbook of a user's own", () => {
  let folder: string
  /** What the compiler says, by file. */
  let problems: ReadonlyMap<string, string[]>

  // Both at once: nearly all of the compiler's work is reading the types of gw.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gw-types-'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/gw'))
    const [example, mistake] = [join(folder, 'example.ts'), join(folder, 'mistake.ts')]
    writeFileSync(example, EXAMPLE)
    writeFileSync(mistake, MISTAKE)
    problems = compiled([example, mistake])
  }, 60_000)

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('type-checks as docs/playbooks.md has it, and is told of a mistake by its editor', () => {
    expect(EXAMPLE).toContain('export default playbook(')
    expect([...problems]).toEqual([
      [join(folder, 'mistake.ts'), [expect.stringContaining("'contents' does not exist")]],
    ])
  })
})

/** Compiles files in a folder of a user's own, where gw is installed and Node's types are not. */
function compiled(files: readonly string[]): ReadonlyMap<string, string[]> {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
  }
  const problems = new Map<string, string[]>()
  for (const { file, messageText } of ts.getPreEmitDiagnostics(ts.createProgram(files, options))) {
    const name = file?.fileName ?? ''
    problems.set(name, [...(problems.get(name) ?? []), ts.flattenDiagnosticMessageText(messageText, '\n')])
  }
  return problems
}
