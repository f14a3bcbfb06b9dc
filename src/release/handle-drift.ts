import { posix } from 'node:path'
import { type Answers, type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { type DriftText, driftTexts } from '../facts/drift-texts.js'
import type { ReleaseStore } from '../model/release-store.js'
import { BACKUPS_FOLDER, type StatePaths } from '../model/state-paths.js'
import { atExit } from '../operations/at-exit.js'
import type { Decision, Operation, TextChange } from '../operations/operation.js'
import { type Script, lines, sh } from '../shell/script.js'
import { type Drift, driftOf, linkDrift, type SeenLink } from './drift.js'
import { LINKS, type ReleaseLink } from './links.js'

interface DriftPlace {
  readonly paths: StatePaths
  /** Where programs look for their files; as on every real host unless said. */
  readonly links?: readonly ReleaseLink[]
}

export interface DriftArguments extends DriftPlace {
  readonly store: Question<ReleaseStore>
  /** `overwrite` puts edited files aside, since what is published next has gw's own in their place. */
  readonly mode: 'refuse' | 'overwrite'
  /** The folder of the host's backups; that of every real host unless said. */
  readonly backups?: string
}

/** What a host says about files that were edited by hand, with their texts where they may be shown. */
export interface DriftReport {
  readonly drift: readonly Drift[]
  readonly seen: readonly SeenLink[]
  readonly diffs: readonly TextChange[]
}

/** The questions of a drift report, and how it is read from their answers. */
interface DriftInquiry {
  readonly questions: readonly Question<unknown>[]
  report(answers: Answers, store: ReleaseStore): DriftReport
}

export function driftInquiry({ paths, links = Object.values(LINKS) }: DriftPlace): DriftInquiry {
  const asked = links.map((link) => ({ link, question: ask(fileState, { path: link.path }) }))
  const texts = ask(driftTexts, { paths, links: links.map(({ path, file }) => ({ path, file })) })
  return {
    questions: [...asked.map(({ question }): Question<FileState> => question), texts],
    report(answers, store) {
      const seen = asked.map(({ link, question }) => ({ link, now: answers.to(question) }))
      const drift = [...driftOf(store), ...linkDrift(store, seen)]
      return { drift, seen, diffs: drift.flatMap((each) => diffOf(each, answers.to(texts), paths) ?? []) }
    },
  }
}

/** A diff of one end that is not there would claim that a file is new or gone. */
function diffOf({ path, kind }: Drift, texts: readonly DriftText[], paths: StatePaths): TextChange | null {
  const text = texts.find((each) => each.path === path)
  if (kind !== 'edited' || text === undefined || text.before === null || text.after === null) return null
  return { path: posix.resolve(paths.current, path), before: text.before, after: text.after }
}

/**
 * What was edited by hand since the current release was published stops a run, or is kept in the backups before it is
 * written over. To keep it as a release: `adoptRelease`.
 */
export function handleDrift(args: DriftArguments): Operation {
  const inquiry = driftInquiry(args)
  return {
    subject: `edits below ${args.paths.current}`,
    questions: [args.store, ...inquiry.questions],
    decide(answers) {
      const store = answers.to(args.store)
      const report = inquiry.report(answers, store)
      if (report.drift.length === 0) return { kind: 'ok', reason: unedited(store) }
      return args.mode === 'refuse' ? refusal(report, store) : putAside(report, store, args)
    },
  }
}

export function unedited({ current }: ReleaseStore): string {
  return current === null ? 'nothing is published yet' : `nothing was edited since ${current} was published`
}

/** How many files a reason names. */
const FILES_NAMED = 10

export function driftText(drift: readonly Drift[]): string {
  const named = drift.slice(0, FILES_NAMED).map(({ path, detail }) => `${path} ${detail}`)
  const rest = drift.length > FILES_NAMED ? [`${drift.length - FILES_NAMED} more`] : []
  return [...named, ...rest].join('; ')
}

function refusal({ drift, diffs }: DriftReport, { current }: ReleaseStore): Decision {
  const files = drift.length === 1 ? '1 file was' : `${drift.length} files were`
  return {
    kind: 'blocked',
    code: 'DRIFT_FOUND',
    reason: `${files} changed by hand since ${current ?? ''} was published: ${driftText(drift)}`,
    nextSteps: [
      'gw plan shows what was changed, line by line.',
      'With --adopt, gw deploy first keeps the changed files as a release of their own.',
      `With --overwrite, gw's files take their place, and the changed ones go to ${BACKUPS_FOLDER} on the host.`,
    ],
    diffs,
  }
}

function putAside(
  { drift, seen }: DriftReport,
  { live }: ReleaseStore,
  { paths, backups = BACKUPS_FOLDER }: DriftArguments,
): Decision {
  const changed = drift.filter(({ kind }) => kind !== 'missing').map(({ path }) => path)
  const links = changed.filter((path) => seen.some(({ link }) => link.path === path))
  // Without a manifest nobody knows which files were changed.
  const files = changed.includes('manifest.json')
    ? live.map(({ path }) => path)
    : changed.filter((path) => !links.includes(path))
  if (links.length + files.length === 0) {
    return { kind: 'ok', reason: `there is nothing to keep of what was changed: ${driftText(drift)}` }
  }
  return {
    kind: 'change',
    summary: `keep ${[...files, ...links].join(', ')} in ${backups}, before other files take their place`,
    script: archive({ paths, backups, files, links }),
  }
}

interface Archive {
  readonly paths: StatePaths
  readonly backups: string
  /** Relative to the current release. */
  readonly files: readonly string[]
  /** Absolute. */
  readonly links: readonly string[]
}

/** Whole or not at all, as every backup: made beside, and renamed when it is on the disk. */
function archive({ paths, backups, files, links }: Archive): Script {
  const partial = `${backups}/.overwritten.partial`
  return lines([
    sh`
      set -eu
      umask 077
      mkdir -p -- ${backups}
      rm -rf -- ${partial}`,
    atExit(sh`rm -rf -- ${partial}`),
    sh`mkdir -- ${partial} ${`${partial}/release`}`,
    ...copies(`${paths.current}/`, files, `${partial}/release/`),
    ...copies(
      '/',
      links.map((path) => path.slice(1)),
      `${partial}/`,
    ),
    sh`
      find ${partial} '(' -type f -o -type d ')' -exec sync -- {} +
      mv -T -- ${partial} ${backups}/"$(date -u +%Y%m%dT%H%M%SZ)-overwritten"
      sync -- ${backups}`,
  ])
}

/** Copies files with their folders, as they are; `files` are relative to `from`. */
function copies(from: string, files: readonly string[], to: string): Script[] {
  if (files.length === 0) return []
  return [
    sh`
      cd -- ${from}
      cp -a --parents -- ${files} ${to}`,
  ]
}
