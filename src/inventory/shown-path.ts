import { relative } from 'node:path'

/** A file as messages show it: relative to the working folder when it lies below that. */
export function shownPath(file: string, cwd: string): string {
  const fromHere = relative(cwd, file)
  return fromHere === '' || fromHere.startsWith('..') ? file : fromHere
}
