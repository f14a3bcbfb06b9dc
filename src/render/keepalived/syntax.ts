/** A piece of keepalived configuration: one line of words, a block of lines, or a comment of one or more lines. */
export type KeepalivedNode =
  | { readonly kind: 'line'; readonly words: readonly string[] }
  | { readonly kind: 'block'; readonly words: readonly string[]; readonly body: readonly KeepalivedNode[] }
  | { readonly kind: 'comment'; readonly lines: readonly string[] }

export function line(...words: readonly (string | number)[]): KeepalivedNode {
  return { kind: 'line', words: words.map(String) }
}

export function block(words: readonly string[], body: readonly KeepalivedNode[]): KeepalivedNode {
  return { kind: 'block', words, body }
}

export function comment(...lines: readonly string[]): KeepalivedNode {
  return { kind: 'comment', lines }
}

const INDENT = '    '
const BARE = /^[A-Za-z0-9_./:%+,=*-]+$/
/** At the start of a line these read another file, unless they are quoted. */
const INCLUDE = /^include[a-z]?$/
/**
 * What quotes do not protect: nothing escapes a quote; a backslash means something only in some of keepalived's readers;
 * `$` is replaced inside quotes, too; a brace that is a word of its own opens or ends a block.
 */
const UNWRITABLE = /["\\$]|^[{}]$|\p{Cc}/u
/** keepalived reads a line into 1024 bytes, its end included, and takes what is left for the next line. */
const LONGEST_LINE = 1022

/**
 * Prints a configuration: four spaces a level, an empty line around blocks and before comments. A comment stands right
 * above what it speaks of.
 * @throws Error for words that keepalived would read otherwise, however they were quoted
 */
export function printKeepalived(nodes: readonly KeepalivedNode[]): string {
  const text = print(nodes, '')
  const encoder = new TextEncoder()
  const long = text.split('\n').find((each) => encoder.encode(each).length > LONGEST_LINE)
  if (long !== undefined) throw new Error(`keepalived would read this line as two: ${long.slice(0, 80)}...`)
  return text
}

function print(nodes: readonly KeepalivedNode[], indent: string): string {
  return nodes
    .map((node, index) => (isApart(node, nodes[index - 1]) ? '\n' : '') + printNode(node, indent))
    .join('')
}

function isApart(node: KeepalivedNode, before: KeepalivedNode | undefined): boolean {
  if (before === undefined) return false
  if (node.kind === 'comment') return true
  return before.kind === 'block' || (before.kind === 'line' && node.kind === 'block')
}

function printNode(node: KeepalivedNode, indent: string): string {
  switch (node.kind) {
    case 'comment':
      return node.lines.map((text) => `${indent}# ${checkedComment(text)}\n`).join('')
    case 'line':
      return `${indent}${printWords(node.words)}\n`
    case 'block':
      return `${indent}${printWords(node.words)} {\n${print(node.body, indent + INDENT)}${indent}}\n`
  }
}

/** keepalived joins a line that ends in a backslash to the next one, comments as well. */
function checkedComment(text: string): string {
  if (!/\\\s*$|\p{Cc}/u.test(text)) return text
  throw new Error(`keepalived would not end this comment at its end: ${JSON.stringify(text)}`)
}

function printWords(words: readonly string[]): string {
  if (words.length === 0) throw new Error('keepalived has no line without words')
  return words.map((word, index) => quoteWord(word, index === 0)).join(' ')
}

/** Quotes one word as keepalived's reader takes it (alloc_strvec): what is between double quotes stands as it is. */
function quoteWord(word: string, isFirst: boolean): string {
  if (UNWRITABLE.test(word))
    throw new Error(`keepalived has no way to write the word ${JSON.stringify(word)}`)
  return BARE.test(word) && !(isFirst && INCLUDE.test(word)) ? word : `"${word}"`
}
