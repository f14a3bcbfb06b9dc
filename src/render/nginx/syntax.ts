/** A piece of NGINX configuration: a directive, a block of them, or a comment for whoever reads the file on the host. */
export type NginxNode =
  | { readonly kind: 'directive'; readonly name: string; readonly words: readonly string[] }
  | {
      readonly kind: 'block'
      readonly name: string
      readonly words: readonly string[]
      readonly body: readonly NginxNode[]
    }
  | { readonly kind: 'comment'; readonly text: string }

export function directive(name: string, ...words: readonly (string | number)[]): NginxNode {
  return { kind: 'directive', name, words: words.map(String) }
}

export function block(name: string, words: readonly string[], body: readonly NginxNode[]): NginxNode {
  return { kind: 'block', name, words, body }
}

export function comment(text: string): NginxNode {
  return { kind: 'comment', text }
}

const BARE = /^[^\s;{}"'\\#]+$/

/**
 * Quotes one word as NGINX's lexer reads it (ngx_conf_read_token): inside quotes only `\` and the quote are escaped.
 * The quote that the word does not hold is taken, since JSON in single quotes is what a person can read.
 */
function quoteWord(word: string): string {
  if (BARE.test(word)) return word
  const mark = word.includes('"') && !word.includes("'") ? "'" : '"'
  return mark + word.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark
}

/** Prints a configuration: four spaces a level, an empty line between blocks. */
export function printNginx(nodes: readonly NginxNode[], indent = ''): string {
  return nodes
    .map((node, index) => {
      const before = nodes[index - 1]
      const apart =
        before !== undefined &&
        before.kind !== 'comment' &&
        (node.kind === 'block' || before.kind === 'block')
      const gap =
        apart || (node.kind === 'comment' && before !== undefined && before.kind !== 'comment') ? '\n' : ''
      return gap + printNode(node, indent)
    })
    .join('')
}

function printNode(node: NginxNode, indent: string): string {
  switch (node.kind) {
    case 'comment':
      return `${indent}# ${node.text}\n`
    case 'directive':
      return `${indent}${[node.name, ...node.words.map(quoteWord)].join(' ')};\n`
    case 'block': {
      const head = [node.name, ...node.words.map(quoteWord), '{'].join(' ')
      return `${indent}${head}\n${printNginx(node.body, `${indent}    `)}${indent}}\n`
    }
  }
}
