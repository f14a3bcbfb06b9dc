import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { functionsOf, sourceFiles, walk, type SourceFile } from './source.js'

const files = sourceFiles(['commands', 'playbooks', 'src', 'lab'])

/** The layers from the outside in, as DESIGN has them; a file imports from its own folder and from those listed. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/model': [],
  'src/errors.ts': ['src/model'],
  'src/shell': ['src/model', 'src/errors.ts'],
  'src/facts': ['src/shell', 'src/model'],
  'src/operations': ['src/facts', 'src/shell', 'src/model', 'src/errors.ts'],
  'src/render': ['src/model'],
  'src/connection': ['src/shell', 'src/model', 'src/errors.ts'],
  'src/inventory': ['src/model', 'src/errors.ts'],
  'src/certificate': ['src/model', 'src/errors.ts'],
  'src/engine': ['src/facts', 'src/operations', 'src/connection', 'src/shell', 'src/model', 'src/errors.ts'],
  'src/probe': ['src/connection', 'src/shell', 'src/model', 'src/errors.ts'],
  'src/health': [
    'src/connection',
    'src/release',
    'src/probe',
    'src/certificate',
    'src/engine',
    'src/facts',
    'src/render',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  'src/doctor': [
    'src/health',
    'src/engine',
    'src/facts',
    'src/connection',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  'src/release': [
    'src/probe',
    'src/engine',
    'src/operations',
    'src/facts',
    'src/connection',
    'src/render',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  'src/failover': [
    'src/release',
    'src/engine',
    'src/operations',
    'src/facts',
    'src/render',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  'src/drill': [
    'src/failover',
    'src/health',
    'src/release',
    'src/probe',
    'src/engine',
    'src/operations',
    'src/facts',
    'src/connection',
    'src/render',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  'src/ui': ['src/engine', 'src/operations', 'src/shell', 'src/model', 'src/errors.ts'],
  'src/lab': ['src/shell', 'src/model', 'src/errors.ts'],
  'src/index.ts': ['src/engine', 'src/facts', 'src/operations', 'src/shell', 'src/model'],
  playbooks: [
    'src/drill',
    'src/failover',
    'src/release',
    'src/engine',
    'src/facts',
    'src/operations',
    'src/render',
    'src/shell',
    'src/model',
  ],
  lab: [],
  'src/cli': [
    'src/ui',
    'src/drill',
    'src/failover',
    'src/health',
    'src/doctor',
    'src/release',
    'src/facts',
    'src/engine',
    'src/connection',
    'src/render',
    'src/certificate',
    'src/inventory',
    'src/lab',
    'src/operations',
    'src/shell',
    'src/model',
    'src/errors.ts',
  ],
  commands: ['playbooks', 'src/cli', 'src/inventory', 'src/lab', 'src/errors.ts'],
}

const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  ssh2: ['src/connection'],
  listr2: ['src/ui'],
  ora: ['src/ui'],
  '@inquirer/prompts': ['src/ui'],
  diff: ['src/ui'],
  yaml: ['src/inventory'],
  zod: ['src/inventory'],
  '@peculiar/x509': ['src/certificate'],
  'reflect-metadata': ['src/certificate'],
  zx: ['src/lab'],
  jiti: ['src/cli'],
  'p-limit': ['src/engine'],
  'log-update': ['src/ui'],
  '@oclif/core': ['commands', 'src/cli'],
}

const PURE = ['src/model', 'src/render', 'src/operations', 'src/facts', 'src/shell']

function layerOf(path: string): string {
  return Object.keys(MAY_IMPORT)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .reduce((longest, layer) => (layer.length > longest.length ? layer : longest), '')
}

describe('dependencies', () => {
  it('run one way, from the commands to the model', () => {
    const wrong = files.flatMap(({ path, imports }) => {
      const layer = layerOf(path)
      const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])]
      const inside = imports.filter((name) => name.endsWith('.ts'))
      return inside
        .filter((name) => !allowed.includes(layerOf(name)))
        .map((name) => `${path} imports ${name}`)
    })
    expect(wrong).toEqual([])
  })

  it('have no file outside the layers', () => {
    expect(files.filter(({ path }) => layerOf(path) === '').map(({ path }) => path)).toEqual([])
  })

  it('give each library one importing folder', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))
        .filter((name) => !(LIBRARIES[name] ?? []).includes(layerOf(path)))
        .map((name) => `${path} imports ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('are all in use, those on folders and those on libraries', () => {
    const edges = (allowed: Readonly<Record<string, readonly string[]>>) =>
      Object.entries(allowed).flatMap(([from, names]) => names.map((name) => `${from} ${name}`))
    const used = new Set(
      files.flatMap(({ path, imports }) =>
        imports.flatMap((name) =>
          name.endsWith('.ts') ? [`${layerOf(path)} ${layerOf(name)}`] : [`${name} ${layerOf(path)}`],
        ),
      ),
    )
    expect([...edges(MAY_IMPORT), ...edges(LIBRARIES)].filter((edge) => !used.has(edge))).toEqual([])
  })

  it('form no circle', () => {
    const graph = new Map(
      files.map(({ path, imports }) => [path, imports.filter((name) => name.endsWith('.ts'))]),
    )
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return
      if (state.get(path) === 'open') circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      else {
        state.set(path, 'open')
        for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
        state.set(path, 'done')
      }
    }
    for (const path of graph.keys()) visit(path, [])
    expect(circles).toEqual([])
  })
})

describe('the pure layers', () => {
  const pure = files.filter(({ path }) => PURE.includes(layerOf(path)))

  it('hold no promise, clock, environment or random number', () => {
    const impure = /^(async|Promise|Date\.now|performance|process|Math\.random|randomBytes|setTimeout)$/
    const wrong = pure.flatMap((file) =>
      identifiers(file)
        .filter((name) => impure.test(name))
        .map((name) => `${file.path}: ${name}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('sizes', () => {
  it('stay within 60 lines a function, 300 a file, 60 a command', () => {
    const long = files.flatMap(functionsOf).filter(({ lines }) => lines > 60)
    const large = files.filter(({ path, lines }) => lines > (path.startsWith('commands/') ? 60 : 300))
    expect([...long.map(({ name }) => name), ...large.map(({ path }) => path)]).toEqual([])
  })

  it('stay small in the middle: functions at most 8 lines, files at most 80', () => {
    expect(median(files.flatMap(functionsOf).map(({ lines }) => lines))).toBeLessThanOrEqual(8)
    expect(median(files.map(({ lines }) => lines))).toBeLessThanOrEqual(80)
  })
})

describe('types', () => {
  it('are never given up by `any` or a non-null assertion', () => {
    const wrong = files.flatMap(({ path, syntax }) => {
      const found: string[] = []
      walk(syntax, (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword || ts.isNonNullExpression(node))
          found.push(`${path}: ${node.parent.getText().slice(0, 60)}`)
      })
      return found
    })
    expect(wrong).toEqual([])
  })
})

function identifiers({ syntax }: SourceFile): string[] {
  const names: string[] = []
  walk(syntax, (node) => {
    if (ts.isIdentifier(node)) names.push(node.text)
    if (ts.isPropertyAccessExpression(node)) names.push(node.getText())
    if (node.kind === ts.SyntaxKind.AsyncKeyword) names.push('async')
  })
  return names
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
