import { type Answers, type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import { Secret } from '../model/secret.js'
import { checked } from './argument.js'
import type { TextChange } from './operation.js'
import { type Ownership, ownershipChanges } from './ownership.js'
import { sha256Of } from './replacement.js'

/** A wanted file beside what stands at its place behind the link. */
export interface ComparedFile extends RenderedFile {
  readonly ownership: Ownership
  readonly sha256: string
  readonly now: FileState
  /** `moded`: only its mode or owner differ. */
  readonly state: 'same' | 'new' | 'differs' | 'moded'
}

/** What the host is asked about files, by their path; several renderings of one path make one question. */
type FileQuestions = ReadonlyMap<string, Question<FileState>>

/** @throws GwError VALUE_REFUSED for a path that leads out of the tree */
export function questionsAbout(
  link: string,
  renderings: readonly (readonly RenderedFile[])[],
): FileQuestions {
  const byPath = new Map<string, readonly RenderedFile[]>()
  for (const file of renderings.flat()) byPath.set(file.path, [...(byPath.get(file.path) ?? []), file])
  return new Map(
    [...byPath].map(([name, files]) => {
      const path = `${link}/${checked('tree path', 'the path of a file of tree.files', name)}`
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
  owner: Pick<Ownership, 'owner' | 'group'>,
  questions: FileQuestions,
  answers: Answers,
): ComparedFile {
  const question = questions.get(file.path)
  if (question === undefined) throw new Error(`no likely answer of the tree renders ${file.path}`)
  const now = answers.to(question)
  const sha256 = sha256Of(revealedText(file))
  const ownership = { ...owner, mode: file.mode }
  return { ...file, ownership, sha256, now, state: stateOf(now, sha256, ownership) }
}

function stateOf(now: FileState, sha256: string, wanted: Ownership): ComparedFile['state'] {
  if (now.type === 'absent') return 'new'
  if (now.type !== 'file' || now.sha256 !== sha256) return 'differs'
  return ownershipChanges(now, wanted).length === 0 ? 'same' : 'moded'
}

/** The change as a diff, null where there is none to show: of a secret, or of what is no text. */
export function changeOf({ path, content, now, state }: ComparedFile, link: string): TextChange | null {
  if (content instanceof Secret || (state !== 'new' && state !== 'differs')) return null
  const before = now.type === 'file' ? now.content : null
  // Without the old text a diff would claim that the whole file is new.
  if (state === 'differs' && before === null) return null
  return { path: `${link}/${path}`, before, after: content }
}
