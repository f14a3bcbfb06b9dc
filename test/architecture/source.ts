import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../root.js'

/** A source file as the rules see it. Paths are relative to the project. */
export interface SourceFile {
  readonly path: string
  readonly lines: number
  readonly imports: readonly string[]
  readonly syntax: ts.SourceFile
}

/** Every TypeScript file below the folders. */
export function sourceFiles(folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.includes('.labs'))
      .map((name) => readSource(join(folder, name))),
  )
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  return { path, lines: text.trimEnd().split('\n').length, imports: importsOf(path, syntax), syntax }
}

/** What a file imports: project files by their path, everything else by the module's name. Dynamic imports count. */
function importsOf(path: string, syntax: ts.SourceFile): string[] {
  const found: string[] = []
  walk(syntax, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) found.push(resolveSpecifier(path, specifier))
  })
  return found
}

function specifierOf(node: ts.Node): string | undefined {
  const declared =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined
  const called =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
      ? node.arguments[0]
      : undefined
  const specifier = declared ?? called
  return specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : undefined
}

function resolveSpecifier(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(ROOT, resolve(ROOT, dirname(from), specifier)).replace(/\.js$/, '.ts')
  return specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? specifier)
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => {
    walk(child, visit)
  })
}

/** The functions of a file with the number of lines that each spans. */
export function functionsOf({ path, syntax }: SourceFile): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = []
  walk(syntax, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
    const start = syntax.getLineAndCharacterOfPosition(node.getStart())
    const end = syntax.getLineAndCharacterOfPosition(node.getEnd())
    const name = node.name?.getText() ?? `line ${start.line + 1}`
    found.push({ name: `${path}: ${name}`, lines: end.line - start.line + 1 })
  })
  return found
}
