import type { Value } from '../model/host.js'
import type { Span } from './source-text.js'

/** A YAML or INI value that remembers where it was written. */
export type Tree = MapNode | ListNode | ScalarNode

export interface MapNode {
  readonly kind: 'map'
  readonly span: Span
  readonly entries: ReadonlyMap<string, Entry>
}

interface ListNode {
  readonly kind: 'list'
  readonly span: Span
  readonly items: readonly Tree[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly span: Span
  readonly value: string | number | boolean | null
}

/** A key with its value. `written` is the key as the file has it, where gw's own name for it differs. */
export interface Entry {
  readonly key: Span
  readonly written?: string
  readonly value: Tree
}

export type Path = readonly string[]

export function mapNode(span: Span, entries: Iterable<readonly [string, Entry]>): MapNode {
  return { kind: 'map', span, entries: new Map(entries) }
}

export function listNode(span: Span, items: readonly Tree[]): ListNode {
  return { kind: 'list', span, items }
}

export function scalarNode(span: Span, value: ScalarNode['value']): ScalarNode {
  return { kind: 'scalar', span, value }
}

/** The value without its places. */
export function plain(tree: Tree): Value {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(plain)
  return Object.fromEntries(Array.from(tree.entries, ([key, entry]) => [key, plain(entry.value)]))
}

/**
 * `over` on top of `base`: maps are merged key by key, everything else is replaced. Places stay those of the files.
 * What stands at one of the paths of `whole` (such as `gateway.tls`) is replaced even if it is a map.
 */
export function mergeTrees(base: Tree, over: Tree, whole: readonly string[] = [], path: Path = []): Tree {
  if (base.kind !== 'map' || over.kind !== 'map' || whole.includes(path.join('.'))) return over
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key)
    const merged = below && mergeTrees(below.value, entry.value, whole, [...path, key])
    entries.set(key, merged === undefined ? entry : { ...entry, value: merged })
  }
  return { ...over, entries }
}

/** What stands at a path: the value, its key, and the path with keys as they were written. */
interface Found {
  /** `null` when the path leads nowhere; `key` is then that of the deepest part that is there. */
  readonly value: Tree | null
  readonly key: Span
  readonly written: string
}

export function find(tree: Tree, path: Path): Found {
  let value: Tree | null = tree
  let key = tree.span
  const written: string[] = []
  for (const step of path) {
    const entry: Entry | undefined = value === null ? undefined : child(value, step)
    written.push(entry?.written ?? step)
    value = entry?.value ?? null
    key = entry?.key ?? key
  }
  return { value, key, written: written.join('.') }
}

function child(tree: Tree, step: string): Entry | undefined {
  if (tree.kind === 'map') return tree.entries.get(step)
  if (tree.kind === 'scalar') return undefined
  const item = tree.items[Number(step)]
  return item === undefined ? undefined : { key: item.span, value: item }
}
