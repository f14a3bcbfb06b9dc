import { isAlias, isMap, isNode, isScalar, isSeq, parseDocument, visit } from 'yaml'
import type { Alias, Document, Node, Pair, Scalar, YAMLError, YAMLMap, YAMLSeq } from 'yaml'
import { forbiddenCharacter } from './forbidden-character.js'
import type { Problems } from './problem.js'
import type { SourceText, Span } from './source-text.js'
import { listNode, mapNode, scalarNode } from './tree.js'
import type { Entry, MapNode, Tree } from './tree.js'

const DEEPEST = 40
/** Every alias copies what it points to; few are enough for people, and a bomb needs many. */
const MOST_ALIASES = 200
const KNOWN_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/

/** What to say instead of the library's own text, which speaks of the grammar rather than of the mistake. */
const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is written twice in the same map',
  TAB_AS_INDENT: 'a tab is used where YAML allows only spaces',
  MULTIPLE_DOCS: 'the file holds several YAML documents; only one is allowed',
  BAD_INDENT: 'the indentation does not fit the lines around it',
  MISSING_CHAR: 'a character is missing here, most likely a colon, a quote or a bracket',
  UNEXPECTED_TOKEN:
    'YAML does not allow this here; a value with brackets, braces, quotes or a colon in it must be quoted as a whole',
  BLOCK_AS_IMPLICIT_KEY: 'a second colon on the line; a value with a colon and a blank in it must be quoted',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line and be followed by a colon',
}

/**
 * Parses YAML 1.2 into a tree. Syntax errors, unknown tags, keys that are not words, too many aliases, too deep nesting
 * and forbidden characters become problems; the tree is `null` when the syntax itself is broken.
 */
export function parseYaml(source: SourceText, problems: Problems): Tree | null {
  const tooDeep = nestedTooDeeply(source.text)
  if (tooDeep !== null) {
    problems.add(
      { source, start: tooDeep, end: tooDeep + 1 },
      `the value is nested deeper than ${DEEPEST} levels`,
    )
    return null
  }
  const document = parseDocument(source.text, {
    version: '1.2',
    prettyErrors: false,
    logLevel: 'error',
    merge: true,
  })
  for (const error of worthTelling(document.errors)) {
    const quote = error.code === 'MISSING_CHAR' ? openQuote(document, error.pos[0]) : null
    const first = error.code === 'DUPLICATE_KEY' ? firstOfKey(document, error.pos[0]) : null
    const line = first === null ? '' : `; the first is on line ${source.place(first).line}`
    if (quote === null) problems.add(errorSpan(source, error), syntaxMessage(error) + line)
    else problems.add({ source, start: quote, end: quote + 1 }, 'the quote that opens here is not closed')
  }
  if (document.errors.length > 0) return null
  return new Converter(source, document, problems).convert(document.contents, 0)
}

/**
 * The parser recurses and does not survive thousands of open brackets or dashes, so they are counted before it sees
 * them. Brackets in strings and comments count too: an inventory has never that many.
 */
function nestedTooDeeply(text: string): number | null {
  let open = 0
  for (const match of text.matchAll(/[[\]{}]|(?:[-?:][ \t]+){40}/g)) {
    if (match[0].length > 1) return match.index
    open = Math.max(0, open + (match[0] === '[' || match[0] === '{' ? 1 : -1))
    if (open > DEEPEST) return match.index
  }
  return null
}

/** A broken grammar makes the parser stumble on for many lines; only its first complaint helps. */
function worthTelling(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.find((error) => error.code !== 'DUPLICATE_KEY')
  return errors.filter((error) => error.code === 'DUPLICATE_KEY' || error === first)
}

/** Where the quoted text starts that runs up to an offset; the parser tells only where it gave up. */
function openQuote(document: Document, offset: number): number | null {
  let found: number | null = null
  visit(document, {
    Scalar(_, { type, range }) {
      if (type !== 'QUOTE_DOUBLE' && type !== 'QUOTE_SINGLE') return
      if (range && range[0] < offset && range[1] >= offset) found = range[0]
    },
  })
  return found
}

/** Where the key stands that is written once more at an offset. */
function firstOfKey(document: Document, offset: number): number | null {
  let found: number | null = null
  visit(document, {
    Map(_, { items }) {
      const keys = items.map(({ key }) => key).filter((key) => isScalar(key))
      const second = keys.find(({ range }) => range?.[0] === offset)
      if (second === undefined) return
      found = keys.find(({ value }) => value === second.value)?.range?.[0] ?? null
      return visit.BREAK
    },
  })
  return found
}

function errorSpan(source: SourceText, error: YAMLError): Span {
  const [start] = error.pos
  const word = /^[^\s:]+/.exec(source.text.slice(start, start + 100))?.[0] ?? ''
  return { source, start, end: start + Math.max(1, word.length) }
}

function syntaxMessage(error: YAMLError): string {
  return SYNTAX[error.code] ?? `YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
}

class Converter {
  #aliases = 0

  constructor(
    readonly source: SourceText,
    readonly document: Document,
    readonly problems: Problems,
  ) {}

  convert(node: unknown, depth: number): Tree {
    const span = this.#span(node)
    if (depth > DEEPEST) return this.#refuse(span, `the value is nested deeper than ${DEEPEST} levels`)
    if (isAlias(node)) return this.#alias(node, span, depth)
    if (!isNode(node)) return scalarNode(span, null)
    const tag = unknownTag(node)
    if (tag !== null) return this.#refuse(span, tagMessage(tag))
    if (isMap(node)) return this.#map(node, span, depth)
    if (isSeq(node)) return this.#list(node, span, depth)
    return isScalar(node) ? this.#scalar(node, span) : scalarNode(span, null)
  }

  #alias(alias: Alias, span: Span, depth: number): Tree {
    this.#aliases += 1
    if (this.#aliases > MOST_ALIASES) {
      // Said once: a bomb has thousands of them.
      if (this.#aliases > MOST_ALIASES + 1) return scalarNode(span, null)
      return this.#refuse(span, `the file uses more than ${MOST_ALIASES} aliases`)
    }
    return this.convert(alias.resolve(this.document), depth + 1)
  }

  #map(map: YAMLMap, span: Span, depth: number): MapNode {
    const entries: (readonly [string, Entry])[] = []
    for (const pair of map.items) {
      const key = this.#span(pair.key)
      if (isMergeKey(pair)) entries.push(...this.#merged(pair, depth))
      else {
        const name = this.#keyName(pair.key, key)
        const value = this.convert(pair.value, depth + 1)
        const missing = pair.value === null || value.span.start === value.span.end
        if (name !== null) entries.push([name, { key, value: missing ? { ...value, span: key } : value }])
      }
    }
    return mapNode(span, entries)
  }

  /** `<<: *defaults`: the entries of the map it names; keys written beside it win when they come later. */
  #merged(pair: Pair, depth: number): (readonly [string, Entry])[] {
    const value = this.convert(pair.value, depth + 1)
    const maps = value.kind === 'list' ? [...value.items].reverse() : [value]
    return maps.flatMap((map) => {
      if (map.kind === 'map') return [...map.entries]
      this.problems.add(map.span, 'the value of `<<` must be a map')
      return []
    })
  }

  #keyName(key: unknown, span: Span): string | null {
    const name =
      isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number') ? keyText(key) : null
    const forbidden = name === null ? null : forbiddenCharacter(name)
    if (name === null) this.problems.add(span, 'a key must be a word')
    else if (forbidden !== null)
      this.problems.add(span, `the key holds the character ${forbidden}, which is not allowed`)
    else if (name === '__proto__') this.problems.add(span, 'the key `__proto__` is not allowed')
    else return name
    return null
  }

  #list(list: YAMLSeq, span: Span, depth: number): Tree {
    return listNode(
      span,
      list.items.map((item) => this.convert(item, depth + 1)),
    )
  }

  #scalar(scalar: Scalar, span: Span): Tree {
    const { value } = scalar
    if (typeof value === 'string') {
      const forbidden = forbiddenCharacter(value)
      if (forbidden === null) return scalarNode(span, value)
      return this.#refuse(span, `the value holds the character ${forbidden}, which is not allowed`)
    }
    if (typeof value === 'number' && !isExact(value)) {
      return this.#refuse(span, 'the number cannot be kept exactly; write it in quotes')
    }
    return scalarNode(span, typeof value === 'number' || typeof value === 'boolean' ? value : null)
  }

  #refuse(span: Span, message: string): Tree {
    this.problems.add(span, message)
    return scalarNode(span, null)
  }

  #span(node: unknown): Span {
    const [start, end] = (isNode(node) ? node.range : undefined) ?? [0, 0]
    return { source: this.source, start, end }
  }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN'
}

/** Numbers as keys are words to us, so their digits count and not their value. */
function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
}

function unknownTag(node: Node): string | null {
  const { tag } = node
  return tag === undefined || KNOWN_TAG.test(tag) ? null : tag
}

function tagMessage(tag: string): string {
  if (tag === '!vault') {
    return 'values encrypted by Ansible Vault cannot be read; put a reference in its place: env:NAME, file:PATH or cmd:COMMAND'
  }
  return `the YAML tag \`${tag}\` is not known`
}
