import { type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import { Secret } from '../model/secret.js'
import { checked } from './argument.js'
import { occupied } from './occupied.js'
import type { Decision, Operation } from './operation.js'
import { type Ownership, ownershipOf } from './ownership.js'
import { type ComparedFile, changeOf, compare, questionsAbout } from './tree-comparison.js'
import { type TreePlace, publishRelease } from './tree-script.js'

/** Which files are wanted, where that depends on the host. */
interface TreeFiles<Answer> {
  /** What it depends on. */
  readonly question: Question<Answer>
  readonly render: (answer: Answer) => readonly RenderedFile[]
  /** Answers that together lead to every rendering there is: the host is asked about all their files at once. */
  readonly likely: readonly Answer[]
}

export interface TreeArguments<Answer> extends TreePlace, Partial<Pick<Ownership, 'owner' | 'group'>> {
  readonly files: TreeFiles<Answer>
}

/**
 * Files that belong together, in a folder of their own behind a link. A release of them is staged as a whole beside the
 * others, tested, and published by one rename of the link; a file that did not change keeps its times. The release
 * before stays, older ones are removed. Of root unless said.
 * @throws GwError VALUE_REFUSED
 */
export function tree<Answer>({ files, ...args }: TreeArguments<Answer>): Operation {
  for (const name of ['link', 'store', 'previous'] as const) checked('path', `tree.${name}`, args[name])
  const owner = ownershipOf('tree', args, '0755')
  const linkQuestion = ask(fileState, { path: args.link })
  const questions = questionsAbout(args.link, files.likely.map(files.render))
  return {
    subject: args.link,
    questions: [files.question, linkQuestion, ...questions.values()],
    decide(answers) {
      const wanted = files.render(answers.to(files.question))
      const compared = wanted.map((file) => compare(file, owner, questions, answers))
      return decide(args, owner, answers.to(linkQuestion), compared)
    },
  }
}

function decide(
  place: TreePlace,
  owner: Pick<Ownership, 'owner' | 'group'>,
  link: FileState,
  files: readonly ComparedFile[],
): Decision {
  if (link.type !== 'absent' && link.type !== 'link') return occupied(place.link, link, 'link')
  const published = link.type === 'link' && link.target.startsWith(`${place.store}/`)
  if (published && files.every(({ state }) => state === 'same')) {
    return { kind: 'ok', reason: `all ${files.length} files of ${place.link} are as wanted` }
  }
  const written = files.filter(({ state }) => state === 'new' || state === 'differs')
  return {
    kind: 'change',
    summary: summaryOf(files, published ? null : link),
    script: publishRelease(place, owner, files),
    input: Buffer.concat(written.map((file) => Buffer.from(revealedText(file)))),
    secrets: files.flatMap(({ content }) => (content instanceof Secret ? [content] : [])),
    diffs: files.flatMap((file) => changeOf(file, place.link) ?? []),
    touches: written.map(({ path }) => `${place.link}/${path}`),
  }
}

/** How many names a summary shows. */
const NAMES_SHOWN = 5

function summaryOf(files: readonly ComparedFile[], misled: FileState | null): string {
  const names = (state: ComparedFile['state']) =>
    files.filter((file) => file.state === state).map(({ path }) => path)
  const [differing, added, moded] = [names('differs'), names('new'), names('moded')]
  const shown = [...differing, ...added, ...moded]
  const parts = [
    ...(misled?.type === 'link' ? [`the link leads to ${JSON.stringify(misled.target)}`] : []),
    ...(differing.length > 0
      ? [`${differing.length} ${differing.length === 1 ? 'file differs' : 'files differ'}`]
      : []),
    ...(added.length > 0 ? [`${added.length} new`] : []),
    ...(moded.length > 0 ? [`${moded.length} of another mode or owner`] : []),
  ]
  const rest = shown.length > NAMES_SHOWN ? ` and ${shown.length - NAMES_SHOWN} more` : ''
  return `${parts.join(', ')}${shown.length > 0 ? ': ' : ''}${shown.slice(0, NAMES_SHOWN).join(', ')}${rest}`
}
