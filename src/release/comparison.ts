import { type Answers, type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import { Secret } from '../model/secret.js'
import { checked } from '../operations/argument.js'
import type { TextChange } from '../operations/operation.js'
import { ownershipChanges } from '../operations/ownership.js'
import { sha256Of } from '../operations/replacement.js'
import type { Owner } from './manifest.js'

/** A wanted file beside what is published at its place. */
export interface ComparedFile extends RenderedFile {
  readonly now: FileState
  /** `moded`: only its mode or owner differ. */
  readonly state: 'same' | 'new' | 'differs' | 'moded'
}

/** What the host is asked about files, by their path; several renderings of one path make one question. */
type FileQuestions = ReadonlyMap<string, Question<FileState>>

/** @throws GwError VALUE_REFUSED for a path that leads out of the release */
export function questionsAbout(
  current: string,
  renderings: readonly (readonly RenderedFile[])[],
): FileQuestions {
  const byPath = new Map<string, readonly RenderedFile[]>()
  for (const file of renderings.flat()) byPath.set(file.path, [...(byPath.get(file.path) ?? []), file])
  return new Map(
    [...byPath].map(([name, files]) => {
      const path = `${current}/${checked('release path', 'the path of a file of a release', name)}`
      // Without a sum to expect, the content is not fetched.
      if (files.some(({ content }) => content instanceof Secret)) return [name, ask(fileState, { path })]
      const sums = new Set(files.map((file) => sha256Of(revealedText(file))))
      return [name, ask(fileState, { path, expectSha256: [...sums] })]
    }),
  )
}

/** @throws Error when the host was not asked about the file, since no likely answer renders it */
export function compare(
  file: RenderedFile,
  owner: Owner,
  questions: FileQuestions,
  answers: Answers,
): ComparedFile {
  const question = questions.get(file.path)
  if (question === undefined) throw new Error(`no likely answer of the release renders ${file.path}`)
  const now = answers.to(question)
  return { ...file, now, state: stateOf(file, owner, now) }
}

function stateOf(file: RenderedFile, owner: Owner, now: FileState): ComparedFile['state'] {
  if (now.type === 'absent') return 'new'
  if (now.type !== 'file' || now.sha256 !== sha256Of(revealedText(file))) return 'differs'
  return ownershipChanges(now, { ...owner, mode: file.mode }).length === 0 ? 'same' : 'moded'
}

/** The change as a diff, null where there is none to show: of a secret, or of what is no text. */
export function changeOf({ path, content, now, state }: ComparedFile, current: string): TextChange | null {
  if (content instanceof Secret || (state !== 'new' && state !== 'differs')) return null
  const before = now.type === 'file' ? now.content : null
  // Without the old text a diff would claim that the whole file is new.
  if (state === 'differs' && before === null) return null
  return { path: `${current}/${path}`, before, after: content }
}

/** How many names a summary shows. */
const NAMES_SHOWN = 5

/** How the files differ, in words; `gone` are those that are published now and wanted no longer. Empty for no difference. */
export function differences(
  files: readonly Pick<ComparedFile, 'path' | 'state'>[],
  gone: readonly string[],
): string {
  const names = (state: ComparedFile['state']) =>
    files.filter((file) => file.state === state).map(({ path }) => path)
  const [differing, added, moded] = [names('differs'), names('new'), names('moded')]
  const parts = [
    ...(differing.length > 0
      ? [`${differing.length} ${differing.length === 1 ? 'file differs' : 'files differ'}`]
      : []),
    ...(added.length > 0 ? [`${added.length} new`] : []),
    ...(moded.length > 0 ? [`${moded.length} of another mode or owner`] : []),
    ...(gone.length > 0 ? [`${gone.length} gone`] : []),
  ]
  const shown = [...differing, ...added, ...moded, ...gone]
  const rest = shown.length > NAMES_SHOWN ? ` and ${shown.length - NAMES_SHOWN} more` : ''
  return shown.length === 0 ? '' : `${parts.join(', ')}: ${shown.slice(0, NAMES_SHOWN).join(', ')}${rest}`
}
