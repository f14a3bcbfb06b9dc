import { stripVTControlCharacters } from 'node:util'
import { counted } from './text.js'
import type { Terminal } from './terminal.js'

/** A part of the terminal that is drawn again and again, on stderr. */
export interface LiveScreen {
  /** Shows a text in place of the one before; at most ten are drawn in a second, and the last one always is. */
  draw(text: string): void
  /** Takes away what was drawn, and draws no more. */
  clear(): void
}

/** Between two drawings, in milliseconds. */
const INTERVAL = 100

const COLOURS = /(\u001b\[[0-9;]*m)/

/** Where a line was cut off, as `less -S` marks it. */
const CUT_OFF = '>'

/** Without a terminal, or one that does not say its size, it draws nothing. The cursor is shown again however gw ends. */
export async function liveScreen({ interactive, err }: Terminal): Promise<LiveScreen> {
  if (!interactive || err.columns === 0 || err.rows === 0) return NO_SCREEN
  // Loaded only by whoever draws.
  const { createLogUpdate } = await import('log-update')
  const show = createLogUpdate(err)
  let next: string | null = null
  let timer: NodeJS.Timeout | null = null
  let ended = false
  const flush = (): void => {
    timer = next === null ? null : setTimeout(flush, INTERVAL)
    if (next !== null) show(fitted(next, err))
    next = null
  }
  return {
    draw: (text) => {
      if (ended) return
      next = text
      if (timer === null) flush()
    },
    clear: () => {
      if (ended) return
      ended = true
      if (timer !== null) clearTimeout(timer)
      show.clear()
      show.done()
    },
  }
}

const NO_SCREEN: LiveScreen = { draw: () => undefined, clear: () => undefined }

/**
 * A text as it goes into a terminal: lines are cut to its width, and rows that it has no place for are left out, but for
 * the last one, which has the verdict. One row stays free for the cursor.
 */
export function fitted(
  text: string,
  { columns = 80, rows = 24 }: { readonly columns?: number; readonly rows?: number },
): string {
  const lines = text.split('\n').map((line) => cutTo(line.replaceAll('\t', ' '), columns))
  const room = Math.max(1, rows - 1)
  if (lines.length <= room) return lines.join('\n')
  const shown = Math.max(0, room - 2)
  const left = cutTo(counted(lines.length - shown - 1, 'more line'), columns)
  return [...lines.slice(0, shown), left, ...lines.slice(-1)].slice(-room).join('\n')
}

/** A line of no more than so many columns. Colours that end behind the cut still end. */
function cutTo(line: string, columns: number): string {
  if (widthOf(stripVTControlCharacters(line)) <= columns) return line
  let left = columns - CUT_OFF.length
  let cut = ''
  for (const part of line.split(COLOURS)) {
    if (COLOURS.test(part)) cut += part
    else
      for (const character of part) {
        const width = widthOf(character)
        if (left >= width) cut += character
        else if (left >= 0) cut += CUT_OFF
        left = left >= width ? left - width : -1
      }
  }
  return cut
}

/** How many columns a text takes at most: whether a rare character takes one or two is the terminal's choice. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += MARKS.test(character) ? 0 : character < FIRST_WIDE ? 1 : 2
  return width
}

/** Characters that stand on the one before them, without those that make it wide. */
const MARKS = /^(?!\ufe0f)[\p{Mn}\p{Me}\u200c\u200d]$/u
const FIRST_WIDE = '\u1100'
