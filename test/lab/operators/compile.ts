import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../../root.js'

export interface CompiledProgram {
  readonly file: string
  dispose(): void
}

/** Compiles a file of this folder and all that it imports, so that processes of it start in a tenth of a second. */
export function compile(name: string): CompiledProgram {
  const folder = mkdtempSync(join(tmpdir(), 'gw-operator-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const own = 'test/lab/operators'
  const options: ts.CompilerOptions = {
    rootDir: ROOT,
    outDir: folder,
    noCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  }
  ts.createProgram([join(ROOT, own, `${name}.ts`)], options).emit()
  return {
    file: join(folder, own, `${name}.js`),
    dispose: () => {
      rmSync(folder, { recursive: true })
    },
  }
}
