import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { TextChange } from '../operations/operation.js'
import { cleanText } from '../shell/clean.js'
import type { Terminal } from './terminal.js'

/** A unified diff with three lines of context; safe to print, whatever the host's file holds. */
export function unifiedDiff({ path, before, after }: TextChange): string {
  const from = before === null ? '/dev/null' : path
  const to = after === null ? '/dev/null' : path
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY }
  return cleanText(
    createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, options),
  ).trimEnd()
}

export function colourDiff(diff: string, paint: Terminal['paintOut']): string {
  return diff
    .split('\n')
    .map((line) => {
      if (line.startsWith('+++') || line.startsWith('---')) return paint('bold', line)
      if (line.startsWith('+')) return paint('green', line)
      if (line.startsWith('-')) return paint('red', line)
      return line.startsWith('@@') ? paint('cyan', line) : line
    })
    .join('\n')
}
