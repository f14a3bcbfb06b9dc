import type { Problems } from './problem.js'
import type { Span } from './source-text.js'

/** A word of a line; `text` is without the quotes, the span with them. */
export interface IniToken {
  readonly text: string
  readonly quoted: boolean
  readonly span: Span
}

/** Splits a line into words as a shell would, up to a comment; `'`, `"` and `\` quote. */
export function iniTokens(line: string, span: Span, problems: Problems): IniToken[] {
  const tokens: IniToken[] = []
  let at = 0
  while (at < line.length) {
    if (/\s/.test(line[at] ?? '')) at += 1
    else if (line[at] === '#') break
    else {
      const token = tokenAt(line, at)
      if (token === null) {
        problems.add(
          { ...span, start: span.start + at },
          'a quote is not closed, or the line ends with a backslash',
        )
        break
      }
      const place = { ...span, start: span.start + at, end: span.start + token.end }
      tokens.push({ text: token.text, quoted: token.quoted, span: place })
      at = token.end
    }
  }
  return tokens
}

/** The word at an offset of a line, or `null` when its quote is not closed or nothing follows a backslash. */
function tokenAt(line: string, from: number): { text: string; quoted: boolean; end: number } | null {
  const piece = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"'\\]+)/y
  let text = ''
  let quoted = false
  let end = from
  while (end < line.length && !/\s/.test(line[end] ?? '')) {
    piece.lastIndex = end
    const match = piece.exec(line)
    if (match === null) return null
    const [whole, escaped, double, single, bare] = match
    text += escaped ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? single ?? bare ?? ''
    quoted ||= bare === undefined
    end += whole.length
  }
  return { text, quoted, end }
}
