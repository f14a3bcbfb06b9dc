import { printable } from './forbidden-character.js'
import type { Span } from './source-text.js'

const LINES_BEFORE = 2
const WIDEST = 100
const SECRET_KEY = /(?:pass|pwd|secret|token|\bkey)[\w-]*["']?\s*[:=]\s*/i
const REFERENCE = /^["']?(?:env|file|cmd):/

/**
 * Shows the line that a span starts on with the two lines before it and carets under the span. What stands behind a
 * key that names a secret is masked, and characters that a terminal would obey are replaced.
 */
export function codeFrame(span: Span): string {
  const place = span.source.place(span.start)
  const lines = maskSecrets(span.source.lines())
  const first = Math.max(1, place.line - LINES_BEFORE)
  const width = String(place.line).length
  const shift = Math.max(0, place.column - Math.floor(WIDEST * 0.8))
  const shown = lines.slice(first - 1, place.line).map((line, index) => {
    const number = first + index
    const text = printable(line.slice(shift, shift + WIDEST))
    return `${number === place.line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`.trimEnd()
  })
  return [
    ...shown,
    `  ${' '.repeat(width)} | ${carets(span, place.column, shift, lines[place.line - 1] ?? '')}`,
  ].join('\n')
}

function carets(span: Span, column: number, shift: number, line: string): string {
  const room = Math.max(1, Math.min(line.length, shift + WIDEST) - column + 1)
  return ' '.repeat(column - 1 - shift) + '^'.repeat(Math.max(1, Math.min(span.end - span.start, room)))
}

/** A value on the lines below its key (a block or a folded string) is masked as far as it is indented deeper. */
function maskSecrets(lines: readonly string[]): string[] {
  let hiddenBelow: number | null = null
  return lines.map((line) => {
    const indent = line.length - line.trimStart().length
    if (hiddenBelow !== null && (line.trim() === '' || indent > hiddenBelow))
      return ' '.repeat(indent) + '***'
    hiddenBelow = null
    const key = SECRET_KEY.exec(line)
    if (key === null) return line
    const start = key.index + key[0].length
    if (REFERENCE.test(line.slice(start))) return line
    hiddenBelow = indent
    return start < line.length ? `${line.slice(0, start)}***` : line
  })
}
