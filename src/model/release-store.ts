import type { Manifest } from './release.js'

/** A release that lies on a host. `stagedAt` in seconds since 1970 by the host's clock, by which releases are in order. */
export interface StoredRelease {
  readonly name: string
  readonly stagedAt: number
  /** When it was confirmed on this host last, and by which run; null when it never was. */
  readonly confirmed: { readonly time: string; readonly run: string } | null
}

/** A file that stands behind `current` now, whoever wrote it. `sha256` is null for what is no regular file. */
export interface LiveFile {
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** Bytes. */
  readonly size: number
  readonly sha256: string | null
}

/** A publish that nobody has confirmed yet. */
export interface TrialState {
  readonly run: string
  readonly release: string
  readonly before: string
}

/** What undid a trial: the host's own timer, its boot, gw, or another run that took the lock over. */
export type RevertedBy = 'watchdog' | 'boot' | 'gw' | 'takeover'

export interface RevertRecord extends TrialState {
  readonly time: string
  readonly by: RevertedBy
}

/** The releases of a host as they were seen. */
export interface ReleaseStore {
  /** Names; null when there is none, or the link leads somewhere else. */
  readonly current: string | null
  readonly previous: string | null
  /** The oldest first; `original` is not among them. */
  readonly releases: readonly StoredRelease[]
  /** That of the current release; null when there is none or it cannot be read. */
  readonly manifest: Manifest | null
  /** Every file below the current release, manifest.json left out. */
  readonly live: readonly LiveFile[]
  readonly trial: TrialState | null
  readonly reverted: RevertRecord | null
}

/** The release that was confirmed on a host: that from before a trial, where there is one; null for none. */
export function settledRelease({ current, trial }: ReleaseStore): string | null {
  return trial?.before ?? current
}
