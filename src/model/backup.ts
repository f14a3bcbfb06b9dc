import type { Manifest } from './release.js'
import type { LiveFile } from './release-store.js'

/** A backup's name: the UTC time that it was made at, `20261121T020000Z`. */
export const BACKUP_NAME = /^\d{8}T\d{6}Z$/

/** Days that a backup is kept, by its name; the newest one is kept for ever. */
export const BACKUP_DAYS = 30

/** The name of a backup that is made at `time`, to the second. */
export function backupName(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** When a backup was made, by its name; UTC, ISO 8601. */
export function backupTime(name: string): string {
  return name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
}

/** A backup that lies on a host. */
export interface StoredBackup {
  readonly name: string
  /** Whose files it holds; null when it does not say. */
  readonly release: string | null
  /** Bytes. */
  readonly size: number
}

/** What is wrong with a file of a backup: another content, not there, or not among the files that it was made with. */
export interface BackupFault {
  /** Relative to the backup. */
  readonly path: string
  readonly fault: 'damaged' | 'missing' | 'extra'
}

/** A backup, every file of it read. */
export interface BackupCheck {
  /** By path; a backup without any is whole. */
  readonly faults: readonly BackupFault[]
  /** That of the release in it; null when there is none (`original`, say) or it cannot be read. */
  readonly manifest: Manifest | null
  /** The release's files as they lie there, manifest.json left out; paths relative to the release. */
  readonly files: readonly LiveFile[]
}
