import type { Question } from '../facts/fact.js'
import { RELEASE_PATH } from '../model/manifest.js'
import type { ManifestFile } from '../model/release.js'
import type { LiveFile, ReleaseStore } from '../model/release-store.js'
import { revealedText } from '../model/rendered-file.js'
import type { StatePaths } from '../model/state-paths.js'
import type { Decision, Operation } from '../operations/operation.js'
import { releaseConf } from '../render/nginx/files.js'
import { stagedPath } from '../operations/replacement.js'
import { lines, type Script, sh } from '../shell/script.js'
import type { SeenLink } from './drift.js'
import { driftInquiry, type DriftReport, driftText, unedited } from './handle-drift.js'
import type { ReleaseLink } from './links.js'
import { type Owner, type ReleaseMeta, ROOT, manifestFile, manifestOf } from './manifest.js'
import { nameTaken, wasPublished } from './stage.js'
import { type Incoming, stageScript } from './stage-script.js'

export interface AdoptArguments {
  /** Matches RELEASE_NAME. */
  readonly name: string
  /** True when the host gets the release even if nothing was edited there: on another host of the fleet it was. */
  readonly required: boolean
  readonly meta: Omit<ReleaseMeta, 'origin'>
  readonly paths: StatePaths
  /** Where programs look for their files; as on every real host unless said. */
  readonly links?: readonly ReleaseLink[]
  /** Id of the run, eight hexadecimal digits. */
  readonly run: string
  readonly store: Question<ReleaseStore>
  /** A command that judges the staged release, given its folder. */
  readonly test: (staged: string) => Script
  /** Of the files; root unless said. */
  readonly owner?: Owner
}

/**
 * A release of what stands on the host now, edits by hand included, lying ready as `stageRelease` lays one: so edits can
 * be published again, compared and gone back to. Files keep their contents; their modes become those of a release.
 */
export function adoptRelease(args: AdoptArguments): Operation {
  const { paths, name, store } = args
  const inquiry = driftInquiry(args)
  return {
    subject: `${paths.releases}/${name}`,
    questions: [store, ...inquiry.questions],
    decide(answers) {
      const seen = answers.to(store)
      return decide(args, seen, inquiry.report(answers, seen))
    },
  }
}

/** It is what the host serves, so it is one to go back to. */
function markConfirmed(name: string, run: string, { confirmed }: StatePaths): Script {
  const mark = `${confirmed}/${name}`
  return sh`
    mkdir -p -- ${confirmed}
    printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${run} >${stagedPath(mark)}
    mv -T -- ${stagedPath(mark)} ${mark}
    sync -- ${confirmed}`
}

/** A file as it is adopted, and where its content lies on the host. */
interface Adopted extends ManifestFile {
  readonly from: string
}

function decide(args: AdoptArguments, store: ReleaseStore, report: DriftReport): Decision {
  const { name, paths, run, test, owner = ROOT } = args
  if (store.current === null || (report.drift.length === 0 && !args.required)) {
    return { kind: 'ok', reason: unedited(store) }
  }
  if (wasPublished(store, name)) return nameTaken(name, store)
  const conf = releaseConf(name)
  const live = store.live.filter(({ path }) => path !== conf.path)
  const files = live.flatMap((file) => adopted(file, store, report.seen, args) ?? [])
  const misfits = live.filter(({ path }) => !files.some((file) => file.path === path))
  if (misfits.length > 0) return unfit(misfits, paths)
  const named = manifestFile(conf, owner)
  const manifest = manifestOf(name, { ...args.meta, origin: 'adopted' }, [
    ...files.map(({ path, mode, sha256, size }) => ({ path, mode, ...owner, sha256, size })),
    named,
  ])
  const lying = new Map(files.map(({ sha256, from }): [string, Incoming] => [sha256, { sha256, path: from }]))
  const incoming = [...lying.values(), { sha256: named.sha256, text: revealedText(conf) }]
  const { script, ...staged } = stageScript({ paths, run, manifest, incoming, test })
  return {
    kind: 'change',
    summary: `${name}, as the host is now: ${driftText(report.drift) || `the same as ${store.current}`}`,
    ...staged,
    script: lines([script, markConfirmed(name, run, paths)]),
    diffs: report.diffs,
  }
}

/** Null for what cannot be a file of a release. */
function adopted(
  file: LiveFile,
  { manifest }: ReleaseStore,
  seen: readonly SeenLink[],
  { paths, owner = ROOT }: AdoptArguments,
): Adopted | null {
  const { path } = file
  // What programs read is the file in place of the link.
  const edited = seen.find(({ link, now }) => link.file === path && now.type === 'file')
  const now = edited?.now.type === 'file' ? edited.now : file
  const from = edited?.link.path ?? `${paths.current}/${path}`
  if (now.sha256 === null || !RELEASE_PATH.test(path)) return null
  const mode = manifest?.files.find((known) => known.path === path)?.mode ?? modeOf(file.mode)
  return { path, mode, ...owner, sha256: now.sha256, size: now.size, from }
}

/** The mode of a release's file that comes nearest to another one: closed to others when that is. */
function modeOf(mode: string): string {
  const bits = Number.parseInt(mode, 8)
  if ((bits & 0o004) === 0) return '0600'
  return (bits & 0o100) === 0 ? '0644' : '0755'
}

function unfit(files: readonly LiveFile[], { current }: StatePaths): Decision {
  const names = files.map(({ path }) => JSON.stringify(path)).join(', ')
  return {
    kind: 'blocked',
    code: 'DRIFT_FOUND',
    reason: `these cannot be part of a release: ${names} (links, programs' own names, or larger than 64 MiB)`,
    nextSteps: [
      `Move them away from ${current} on the host, or rename them: letters, digits, ".", "_" and "-".`,
    ],
  }
}
