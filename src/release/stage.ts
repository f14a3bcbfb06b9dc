import { type Question, ask } from '../facts/fact.js'
import { objectsHeld } from '../facts/objects-held.js'
import { manifestText } from '../model/manifest.js'
import { nextRelease } from '../model/release.js'
import type { ReleaseStore } from '../model/release-store.js'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import { Secret } from '../model/secret.js'
import type { StatePaths } from '../model/state-paths.js'
import type { Decision, Operation } from '../operations/operation.js'
import { sha256Of } from '../operations/replacement.js'
import { releaseConf } from '../render/nginx/files.js'
import type { Script } from '../shell/script.js'
import { type ComparedFile, changeOf, compare, differences, questionsAbout } from './comparison.js'
import { driftOf } from './drift.js'
import { type Owner, type ReleaseMeta, ROOT, manifestFile, manifestOf } from './manifest.js'
import { type Incoming, stageScript } from './stage-script.js'

/** Which files a release has, release.conf left out, where that depends on the host. */
interface ReleaseFiles<Answer> {
  /** What it depends on. */
  readonly question: Question<Answer>
  readonly render: (answer: Answer) => readonly RenderedFile[]
  /** Answers that together lead to every rendering there is: the host is asked about all their files at once. */
  readonly likely: readonly Answer[]
}

export interface StageArguments<Answer> {
  /** Matches RELEASE_NAME. */
  readonly name: string
  /** True when the host gets the release even if it has the same files already: another host of the fleet does not. */
  readonly required: boolean
  readonly files: ReleaseFiles<Answer>
  readonly meta: ReleaseMeta
  readonly paths: StatePaths
  /** Id of the run, eight hexadecimal digits. */
  readonly run: string
  readonly store: Question<ReleaseStore>
  /** A command that judges the staged release, given its folder. */
  readonly test: (staged: string) => Script
  /** Of the files; root unless said. */
  readonly owner?: Owner
}

/**
 * A release lying ready on the host, tested, with nothing published: its files, manifest and name. Contents that the host
 * has are not sent again.
 * @throws GwError VALUE_REFUSED for a path that leads out of the release
 */
export function stageRelease<Answer>(args: StageArguments<Answer>): Operation {
  const { files, paths, store, owner = ROOT } = args
  const renderings = files.likely.map(files.render)
  const questions = questionsAbout(paths.current, renderings)
  // Not about release.conf, so that hosts can be asked before there is a name; it is sent each time.
  const sums = renderings.flat().map((file) => sha256Of(revealedText(file)))
  const held = ask(objectsHeld, { paths, sums: [...new Set(sums)] })
  return {
    subject: `${paths.releases}/${args.name}`,
    questions: [files.question, store, held, ...questions.values()],
    decide(answers) {
      const wanted = files.render(answers.to(files.question))
      const compared = wanted.map((file) => compare(file, owner, questions, answers))
      return decide(args, { store: answers.to(store), wanted, compared, held: answers.to(held) })
    },
  }
}

/**
 * Whether the files of a host's current release are these, on the disk as in its manifest; those of a deploy are without
 * release.conf, which differs by the release's name alone.
 */
export function wantedIsCurrent(
  store: ReleaseStore,
  files: readonly RenderedFile[],
  owner: Owner = ROOT,
): boolean {
  const { manifest } = store
  if (manifest === null || driftOf(store).length > 0) return false
  const nameFile = releaseConf(manifest.release).path
  const wanted = files.map((file) => manifestFile(file, owner))
  const current = manifest.files.filter(({ path }) => path !== nameFile)
  return manifestText({ ...manifest, files: wanted }) === manifestText({ ...manifest, files: current })
}

interface Situation {
  readonly store: ReleaseStore
  readonly wanted: readonly RenderedFile[]
  readonly compared: readonly ComparedFile[]
  readonly held: readonly string[]
}

function decide<Answer>(
  args: StageArguments<Answer>,
  { store, wanted, compared, held }: Situation,
): Decision {
  const { name, paths, owner = ROOT } = args
  const same = wantedIsCurrent(store, wanted, owner)
  if (same && (!args.required || store.current === name)) {
    return { kind: 'ok', reason: `${store.current ?? ''} has all ${wanted.length} files as they are wanted` }
  }
  if (wasPublished(store, name)) return nameTaken(name, store)
  const files = [...wanted, releaseConf(name)]
  const manifest = manifestOf(
    name,
    args.meta,
    files.map((file) => manifestFile(file, owner)),
  )
  const { run, test } = args
  return {
    kind: 'change',
    summary: summaryOf(name, store, compared),
    ...stageScript({ paths, run, manifest, incoming: incomingOf(files, held), test }),
    secrets: files.flatMap(({ content }) => (content instanceof Secret ? [content] : [])),
    diffs: compared.flatMap((file) => changeOf(file, paths.current) ?? []),
  }
}

/** A release that was served once is never replaced under its name. */
export function wasPublished({ current, previous, releases }: ReleaseStore, name: string): boolean {
  const confirmed = releases.find((release) => release.name === name)?.confirmed
  return current === name || previous === name || (confirmed !== null && confirmed !== undefined)
}

export function nameTaken(name: string, { releases }: ReleaseStore): Decision {
  const names = releases.map((release) => release.name)
  return {
    kind: 'blocked',
    code: 'RELEASE_EXISTS',
    reason: `the release ${name} is on this host already and was published, so its files stay as they are`,
    nextSteps: [
      `Run the same command with --release ${nextRelease(names)}, or without --release.`,
      `To publish ${name} as it is: gw rollback ENV --to ${name}`,
    ],
  }
}

function summaryOf(
  name: string,
  { current, manifest }: ReleaseStore,
  compared: readonly ComparedFile[],
): string {
  if (current === null) return `${name}, the first release: ${compared.length} files`
  const wanted = new Set([...compared.map(({ path }) => path), releaseConf(name).path])
  const gone = (manifest?.files ?? []).map(({ path }) => path).filter((path) => !wanted.has(path))
  const changes = differences(compared, gone)
  return changes === '' ? `${name}, with the same files as ${current}` : `${name}: ${changes}`
}

/** What the host is to be sent: each content once. */
function incomingOf(files: readonly RenderedFile[], held: readonly string[]): Incoming[] {
  const texts = new Map(files.map((file) => [sha256Of(revealedText(file)), revealedText(file)]))
  return [...texts].filter(([sha256]) => !held.includes(sha256)).map(([sha256, text]) => ({ sha256, text }))
}
