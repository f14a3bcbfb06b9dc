import { cleanLine } from '../shell/clean.js'
import type { Terminal } from './terminal.js'

type Paint = Terminal['paintOut']

/** A text, or one with a style. */
export type Cell = string | { readonly text: string; readonly style: Parameters<Paint>[0] }

/** Rows under a head, in columns that are aligned; safe to print, whatever the cells hold. */
export function tableText(head: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  return [head.map((text): Cell => ({ text, style: 'bold' })), ...rows]
    .map((row) => rowText(row, widths([head, ...rows]), paint))
    .join('\n')
}

/** Rows without a head. */
export function columnsText(rows: readonly (readonly Cell[])[], paint: Paint): string {
  return rows.map((row) => rowText(row, widths(rows), paint)).join('\n')
}

function widths(rows: readonly (readonly Cell[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, column) =>
    rows.reduce((widest, row) => Math.max(widest, textOf(row[column] ?? '').length), 0),
  )
}

/** No blanks behind the last text of a row, not even coloured ones. */
function rowText(row: readonly Cell[], columns: readonly number[], paint: Paint): string {
  const filled = row.findLastIndex((cell) => textOf(cell) !== '') + 1
  return row
    .slice(0, filled)
    .map((cell, column) => {
      const text = textOf(cell)
      const blanks = column + 1 === filled ? '' : ' '.repeat((columns[column] ?? 0) - text.length)
      return (typeof cell === 'string' ? text : paint(cell.style, text)) + blanks
    })
    .join('  ')
}

function textOf(cell: Cell): string {
  return cleanLine(typeof cell === 'string' ? cell : cell.text)
}
