/**
 * A piece of NGINX configuration: a directive (with a note at its end), a block of them, or a comment for whoever reads
 * the file on the host.
 */
export type NginxNode =
  | {
      readonly kind: 'directive'
      readonly name: string
      readonly words: readonly string[]
      readonly note?: string
    }
  | {
      readonly kind: 'block'
      readonly name: string
      readonly words: readonly string[]
      readonly body: readonly NginxNode[]
    }
  | { readonly kind: 'comment'; readonly lines: readonly string[] }

export function directive(name: string, ...words: readonly (string | number)[]): NginxNode {
  return { kind: 'directive', name, words: words.map(String) }
}

/** A directive with a comment behind it, on the same line. */
export function noted(note: string, name: string, ...words: readonly (string | number)[]): NginxNode {
  return { kind: 'directive', name, words: words.map(String), note }
}

export function block(name: string, words: readonly string[], body: readonly NginxNode[]): NginxNode {
  return { kind: 'block', name, words, body }
}

/** A comment of one line or more. */
export function comment(...lines: readonly string[]): NginxNode {
  return { kind: 'comment', lines }
}

const BARE = /^[^\s;{}"'\\#]+$/
const INDENT = '    '
const WIDEST = 110

/**
 * Quotes one word as NGINX's lexer reads it (ngx_conf_read_token): inside quotes only `\` and the quote are escaped.
 * The quote that the word does not hold is taken, since JSON in single quotes is what a person can read.
 */
function quoteWord(word: string): string {
  if (BARE.test(word)) return word
  const mark = word.includes('"') && !word.includes("'") ? "'" : '"'
  return mark + word.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark
}

/**
 * Prints a configuration: four spaces a level, an empty line around blocks and before comments.
 * @throws Error for a comment with a control character
 */
export function printNginx(nodes: readonly NginxNode[], indent = ''): string {
  return nodes
    .map((node, index) => (isApart(node, nodes[index - 1]) ? '\n' : '') + printNode(node, indent))
    .join('')
}

function isApart(node: NginxNode, before: NginxNode | undefined): boolean {
  if (before === undefined) return false
  if (before.kind === 'comment') return node.kind === 'comment'
  return node.kind !== 'directive' || before.kind === 'block'
}

function printNode(node: NginxNode, indent: string): string {
  switch (node.kind) {
    case 'comment':
      return node.lines.map((line) => `${indent}# ${checkedComment(line)}\n`).join('')
    case 'directive':
      return `${indent}${printWords([node.name, ...node.words].map(quoteWord), indent)};${printNote(node.note)}\n`
    case 'block': {
      const head = [node.name, ...node.words.map(quoteWord), '{'].join(' ')
      return `${indent}${head}\n${printNginx(node.body, indent + INDENT)}${indent}}\n`
    }
  }
}

/** On one line, or a line a word where a list would be too wide. */
function printWords(words: readonly string[], indent: string): string {
  const line = words.join(' ')
  if (indent.length + line.length <= WIDEST || words.length < 5) return line
  return words.join(`\n${indent}${INDENT}`)
}

function printNote(note: string | undefined): string {
  return note === undefined ? '' : ` # ${checkedComment(note)}`
}

/** A comment lasts to the end of its line: what came behind a line end would be configuration. */
function checkedComment(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text
  throw new Error(`NGINX would not end this comment at its end: ${JSON.stringify(text)}`)
}
