import { backupCheck } from '../facts/backup-check.js'
import { backups } from '../facts/backups.js'
import { type Question, ask } from '../facts/fact.js'
import type { BackupCheck, StoredBackup } from '../model/backup.js'
import { RELEASE_PATH } from '../model/manifest.js'
import type { Manifest, ManifestFile } from '../model/release.js'
import type { LiveFile, ReleaseStore } from '../model/release-store.js'
import { revealedText } from '../model/rendered-file.js'
import type { StatePaths } from '../model/state-paths.js'
import type { Decision, Operation } from '../operations/operation.js'
import { releaseConf } from '../render/nginx/files.js'
import { cleanLine } from '../shell/clean.js'
import type { Script } from '../shell/script.js'
import { differences } from './comparison.js'
import { type Owner, type ReleaseMeta, ROOT, manifestFile, manifestOf } from './manifest.js'
import { nameTaken, wasPublished } from './stage.js'
import { type Incoming, stageScript } from './stage-script.js'

/** A backup on the host: where they lie, and its name, which matches BACKUP_NAME. */
interface BackupPlace {
  readonly folder: string
  readonly name: string
}

export interface StageFromBackupArguments {
  /** Of the new release; matches RELEASE_NAME. */
  readonly name: string
  readonly backup: BackupPlace
  readonly paths: StatePaths
  readonly store: Question<ReleaseStore>
  /** The domain and the commit are those of the release that was backed up. */
  readonly meta: Pick<ReleaseMeta, 'createdAt' | 'by' | 'gw'>
  /** Id of the run, eight hexadecimal digits. */
  readonly run: string
  /** A command that judges the staged release, given its folder. */
  readonly test: (staged: string) => Script
  /** Of the files; root unless said. */
  readonly owner?: Owner
}

/**
 * A release lying ready on the host, tested, with nothing published: the files that a backup's release has, as they were
 * served then, under a new name. A backup that is not whole, or not there, blocks it.
 */
export function stageFromBackup(args: StageFromBackupArguments): Operation {
  const { backup, paths, name, store } = args
  const stored = ask(backups, { folder: backup.folder })
  const check = ask(backupCheck, backup)
  return {
    subject: `${paths.releases}/${name}`,
    questions: [store, stored, check],
    decide(answers) {
      const now = answers.to(store)
      const read = answers.to(check)
      if (now.current === name)
        return { kind: 'ok', reason: `${name} is published, from the backup ${backup.name}` }
      if (wasPublished(now, name)) return nameTaken(name, now)
      if (read === null) return unknown(backup, answers.to(stored))
      if (read.faults.length > 0) return damaged(backup, read)
      if (read.manifest === null) return withoutRelease(backup)
      const odd = read.files.filter(({ path }) => !RELEASE_PATH.test(path))
      if (odd.length > 0) return withOddFiles(backup, odd)
      return staging(args, now, restoredFiles(read.files, read.manifest, args), read.manifest)
    },
  }
}

function staging(
  args: StageFromBackupArguments,
  store: ReleaseStore,
  files: readonly ManifestFile[],
  { release, domain, commit }: Manifest,
): Decision {
  const { name, backup, paths, run, test, owner = ROOT } = args
  const nameFile = releaseConf(name)
  const meta: ReleaseMeta = { ...args.meta, origin: 'restored', domain, commit }
  const manifest = manifestOf(name, meta, [...files, manifestFile(nameFile, owner)])
  const source = `${backup.folder}/${backup.name}/release`
  const contents = new Map(files.map(({ sha256, path }) => [sha256, path]))
  const incoming: Incoming[] = [
    ...[...contents].map(([sha256, path]) => ({ sha256, path: `${source}/${path}` })),
    { sha256: manifestFile(nameFile, owner).sha256, text: revealedText(nameFile) },
  ]
  return {
    kind: 'change',
    summary: `${name}, as ${release} was at ${backup.name}: ${changesTo(store, files, nameFile.path)}`,
    ...stageScript({ paths, run, manifest, incoming, test }),
  }
}

/** What was served, hand edits included: contents as they lie in the backup, modes as the release wanted them. */
function restoredFiles(
  files: readonly LiveFile[],
  manifest: Manifest,
  { name, owner: { owner, group } = ROOT }: StageFromBackupArguments,
): ManifestFile[] {
  const modes = new Map(manifest.files.map(({ path, mode }) => [path, mode]))
  return files.flatMap(({ path, mode, size, sha256 }) => {
    if (sha256 === null || path === releaseConf(name).path) return []
    const ownMode = mode.endsWith('0') ? '0600' : '0644'
    return [{ path, mode: modes.get(path) ?? ownMode, owner, group, sha256, size }]
  })
}

/** How the files differ from those that are served now, in words. */
function changesTo(
  { current, live }: ReleaseStore,
  files: readonly ManifestFile[],
  nameFile: string,
): string {
  const served = new Map(live.map((file) => [file.path, file.sha256]))
  const restored = new Set([...files.map(({ path }) => path), nameFile])
  const compared = files.map(({ path, sha256 }) => {
    if (!served.has(path)) return { path, state: 'new' as const }
    return { path, state: served.get(path) === sha256 ? ('same' as const) : ('differs' as const) }
  })
  const gone = [...served.keys()].filter((path) => !restored.has(path))
  const changes = differences(compared, gone)
  return changes === '' ? `with the same files as ${current ?? 'now'}` : changes
}

function unknown({ name }: BackupPlace, stored: readonly StoredBackup[]): Decision {
  const last = stored
    .slice(-NAMES_SHOWN)
    .map((backup) => `${backup.name} of ${backup.release ?? 'an unknown release'}`)
  return {
    kind: 'blocked',
    code: 'BACKUP_UNKNOWN',
    reason: `there is no backup ${name} on this host; ${last.length === 0 ? 'it has none' : `its last ones are ${last.join(', ')}`}`,
    nextSteps: ['gw backup list ENV shows which hosts have which backups.'],
  }
}

function damaged({ folder, name }: BackupPlace, { faults }: BackupCheck): Decision {
  const files = shown(faults.map(({ path, fault }) => `${cleanLine(path)} (${fault})`))
  return {
    kind: 'blocked',
    code: 'BACKUP_DAMAGED',
    reason: `the backup ${folder}/${name} is not what was backed up: ${files}`,
    nextSteps: ['gw backup list ENV shows other backups; restore one of these.'],
  }
}

function withoutRelease({ folder, name }: BackupPlace): Decision {
  return {
    kind: 'blocked',
    reason: `the backup ${folder}/${name} holds no release that can be published: it is of what the host had before gw's first release, or a newer gw made it`,
    nextSteps: ['gw backup list ENV shows other backups; restore one of these.'],
  }
}

function withOddFiles({ folder, name }: BackupPlace, files: readonly LiveFile[]): Decision {
  const names = shown(files.map(({ path }) => JSON.stringify(path)))
  return {
    kind: 'blocked',
    reason: `in the backup ${folder}/${name} somebody had put files into the release that no release can have: ${names}`,
    nextSteps: ['gw backup list ENV shows other backups; restore one of these.'],
  }
}

/** How many names a text shows. */
const NAMES_SHOWN = 5

function shown(names: readonly string[]): string {
  const rest = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${rest}`
}
