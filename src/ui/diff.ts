import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { TextChange } from '../operations/operation.js'
import { cleanText } from '../shell/clean.js'
import type { Terminal } from './terminal.js'

/** How many lines a diff begins with that name the file. */
const HEADERS = 2

/** A unified diff with three lines of context; safe to print, whatever the host's file holds. */
export function unifiedDiff({ path, before, after }: TextChange): string {
  const from = before === null ? '/dev/null' : path
  const to = after === null ? '/dev/null' : path
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY }
  return cleanText(
    createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, options),
  ).trimEnd()
}

/** Colours a diff that `unifiedDiff` made. */
export function colourDiff(diff: string, paint: Terminal['paintOut']): string {
  return diff
    .split('\n')
    .map((line, index) => {
      // Further down, a line may well begin like a header and be one of the file's own.
      if (index < HEADERS) return paint('bold', line)
      if (line.startsWith('+')) return paint('green', line)
      if (line.startsWith('-')) return paint('red', line)
      return line.startsWith('@@') ? paint('cyan', line) : line
    })
    .join('\n')
}
