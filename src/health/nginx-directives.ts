/** A directive of an NGINX file that somebody may have written by hand; `body` is null but for a block. */
export interface Directive {
  readonly words: readonly string[]
  readonly body: readonly Directive[] | null
}

/** A blank, a comment, a sign, a word in quotes of either kind, or a bare word. */
const TOKEN =
  /\s+|#[^\n]*|(?<sign>[;{}])|"(?<double>(?:\\[^]|[^"\\])*)"|'(?<single>(?:\\[^]|[^'\\])*)'|(?<bare>(?:\\[^]|[^\s;{}"'#\\])(?:\\[^]|[^\s;{}\\])*)/uy

/** No file of a gateway goes deeper than a few. */
const DEEPEST = 16

interface Level {
  readonly words: readonly string[]
  readonly body: Directive[]
}

/** What NGINX would read, comments and blanks left out; null for what it would not read to its end. */
export function directivesIn(text: string): readonly Directive[] | null {
  const levels: Level[] = [{ words: [], body: [] }]
  let words: string[] = []
  for (const { sign, word } of tokensIn(text)) {
    const level = levels.at(-1)
    if (level === undefined) return null
    if (word !== undefined) {
      words.push(word)
      continue
    }
    if (sign === ';') level.body.push({ words, body: null })
    else if (sign === '{' && levels.length <= DEEPEST) levels.push({ words, body: [] })
    else if (sign === '}' && words.length === 0 && levels.length > 1) {
      levels.pop()
      levels.at(-1)?.body.push(level)
    } else return null
    words = []
  }
  return levels.length === 1 && words.length === 0 ? (levels[0]?.body ?? null) : null
}

interface Token {
  readonly sign?: string
  readonly word?: string
}

/** A sign that nothing is made of where a token does not end. */
const BROKEN: Token = { sign: '' }

function tokensIn(text: string): readonly Token[] {
  const pattern = new RegExp(TOKEN)
  const tokens: Token[] = []
  while (pattern.lastIndex < text.length) {
    const groups = pattern.exec(text)?.groups
    if (groups === undefined) return [...tokens, BROKEN]
    const { sign, double, single, bare } = groups
    const word = double ?? single ?? bare
    if (sign !== undefined) tokens.push({ sign })
    else if (word !== undefined) tokens.push({ word: word.replaceAll(/\\([^])/gu, '$1') })
  }
  return tokens
}
