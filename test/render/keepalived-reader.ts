/** A line as keepalived reads it: its words, and the block behind them, if there is one. */
export interface Statement {
  readonly words: readonly string[]
  readonly body: readonly Statement[] | null
}

/** Definitions that keepalived has by itself, and replaces wherever they stand. */
const REPLACED = /\$(?:_(?:PWD|INSTANCE|RANDOM|HASH|BANG)\b|\{_(?:PWD|INSTANCE|RANDOM|HASH|BANG)\b)/
const BUFFER = 1024

/**
 * Reads a configuration by the rules of keepalived 2.2's own reader (lib/parser.c: decomment, read_line, alloc_strvec,
 * process_stream), written from those rules and not from our printer. Of what no printer should make use of
 * (definitions, conditions, includes, sequences, continued lines) it only notices that it is there.
 * @throws Error for those, and where keepalived would complain
 */
export function readKeepalived(text: string): readonly Statement[] {
  const pieces = text.split('\n').flatMap(fitting).map(decomment).filter(Boolean).flatMap(atBraces)
  const { statements, rest } = block(pieces, 0)
  if (rest.length > 0) throw new Error("Extra '}' found")
  return statements
}

/** fgets fills a buffer; what does not fit is the next line. */
function fitting(line: string): string[] {
  const bytes = Buffer.from(`${line}\n`)
  const count = Math.ceil(bytes.length / (BUFFER - 1))
  return Array.from({ length: count }, (_, index) =>
    bytes
      .subarray(index * (BUFFER - 1), (index + 1) * (BUFFER - 1))
      .toString()
      .replace(/[\r\n]+$/, ''),
  )
}

/** Takes a comment away, and blanks at both ends. */
function decomment(given: string): string {
  let line = given.replace(/^[ \t]+/, '')
  let quoted = false
  let comment = -1
  for (let at = 0; at < line.length; at += 1) {
    const one = line.charAt(at)
    const next = line.charAt(at + 1)
    if (one === '\\' && next === '') throw new Error('a line that goes on in the next one')
    if (one === '\\' && !quoted && (next === '#' || next === '!'))
      line = line.slice(0, at) + line.slice(at + 1)
    else if (one === '\\') at += 1
    else if (one === '"' && comment < 0) quoted = !quoted
    else if ((one === '!' || one === '#') && !quoted && comment < 0) comment = at
  }
  if (quoted) throw new Error(`Unterminated quote '${line}'`)
  const left = (comment < 0 ? line : line.slice(0, comment)).replace(/[ \t]+$/, '')
  if (/^(?:@|~|\$|include[rmwba]?\s)/.test(left) || REPLACED.test(left))
    throw new Error(`not read here: ${left}`)
  return left
}

/** A brace outside of quotes begins a line of its own, and a line after it, too. */
function atBraces(line: string): string[] {
  const found = /^(?:[^"{}]|"[^"]*")*[{}]/.exec(line)
  if (found === null) return [line]
  const at = found[0].length - 1
  return [line.slice(0, at), line.slice(at, at + 1), ...atBraces(line.slice(at + 1))]
    .map((each) => each.trim())
    .filter(Boolean)
}

/** What is between double quotes is a word as it stands; any other ends at a blank or a quote. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|[^ \t\f\r\n\v"]+/g)].map((match) => match[1] ?? match[0])
}

/** Whether a brace is one is seen only after the quotes are gone. */
function block(
  lines: readonly string[],
  depth: number,
): { statements: Statement[]; rest: readonly string[] } {
  const statements: Statement[] = []
  let rest = lines
  for (;;) {
    const [line, ...others] = rest
    if (line === undefined) {
      if (depth > 0) throw new Error("Missing '}'")
      return { statements, rest: [] }
    }
    const words = wordsOf(line)
    rest = others
    if (words[0] === '}') return { statements, rest: depth > 0 ? rest : lines }
    const opened = words.at(-1) === '{'
    if (opened && words.length === 1) throw new Error("Unexpected '{'")
    if (!opened && wordsOf(rest[0] ?? '')[0] !== '{') {
      statements.push({ words, body: null })
      continue
    }
    const inner = block(opened ? rest : rest.slice(1), depth + 1)
    statements.push({ words: opened ? words.slice(0, -1) : words, body: inner.statements })
    rest = inner.rest
  }
}
