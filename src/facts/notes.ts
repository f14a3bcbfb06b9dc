import { type Script, sh } from '../shell/script.js'

/** Short files as a host prints them, by name: a name and a first line, by turns, each ended by NUL. */
export type Notes = ReadonlyMap<string, string>

/** Prints the first line of each file (words of the shell) that is there; the shell reads them itself, without a process. */
export function printNotes(files: Script): Script {
  return sh`
    for f in ${files}; do
      [ -f "$f" ] || continue
      l=
      IFS= read -r l <"$f" || :
      printf '%s\0=%s\0' "$f" "$l"
    done`
}

/** What `printNotes` printed. */
export function readNotes(records: readonly string[]): Notes {
  return new Map(pairsOf(records).map(([name, line]) => [name, line.slice(1)]))
}

/** Records that belong together, two by two. */
export function pairsOf(records: readonly string[]): [string, string][] {
  return records.flatMap((record, index) =>
    index % 2 === 0 ? [[record, records[index + 1] ?? ''] as [string, string]] : [],
  )
}

/** What stands where a host's word cannot be read: that there is one is known all the same. */
export const UNKNOWN = 'unknown'
const WORD = /^[A-Za-z0-9._:-]{1,64}$/

/** Whether a host's word is one that may be shown, such as a name, an id or a time. */
export function isWord(word: unknown): word is string {
  return typeof word === 'string' && WORD.test(word)
}

/** What a file of one word says. */
export function wordIn(notes: Notes, name: string): string {
  const line = notes.get(name) ?? ''
  return isWord(line) ? line : UNKNOWN
}

/** The fields of a JSON object; none for whatever is no object. */
export function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
