import { type Answers, type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { checked } from './argument.js'
import type { Upcoming } from './operation.js'

/** By which of its times a file counts as changed: `changedAt` is the surer one, but a copy has a new one. */
type WatchedTime = 'changedAt' | 'modifiedAt'

/** A file that a unit reads. */
interface WatchedFile {
  readonly path: string
  readonly time: WatchedTime
  readonly question: Question<FileState>
}

/** @throws GwError VALUE_REFUSED naming `argument` */
export function watch(argument: string, path: string, time: WatchedTime = 'changedAt'): WatchedFile {
  return { path, time, question: ask(fileState, { path: checked('path', argument, path) }) }
}

/**
 * The first of `files` that an earlier task changes, or that changed on the host after `since` (seconds since 1970), in
 * words; `null` for none.
 */
export function newer(
  files: readonly WatchedFile[],
  answers: Answers,
  upcoming: Upcoming,
  since: number,
): string | null {
  const planned = files.find(({ path }) => upcoming.changes(path))
  if (planned !== undefined) return `${planned.path} changes`
  const changed = files.find(({ question, time }) => {
    const state = answers.to(question)
    return state.type !== 'absent' && state[time] > since
  })
  return changed === undefined ? null : `${changed.path} changed after it was last read`
}
