import type { FileState } from '../facts/file.js'
import { type ManifestFile, RELEASE_NAME } from '../model/release.js'
import type { LiveFile, ReleaseStore } from '../model/release-store.js'
import { ownershipChanges } from '../operations/ownership.js'
import type { ReleaseLink } from './links.js'

/** A file that is not as the current release was published. */
export interface Drift {
  /** Relative to the release; absolute for a file that stands in place of a link to it. */
  readonly path: string
  readonly kind: 'edited' | 'missing' | 'extra' | 'ownership'
  /** In words. */
  readonly detail: string
}

/** What was changed by hand below the current release since it was published. */
export function driftOf({
  current,
  manifest,
  live,
}: Pick<ReleaseStore, 'current' | 'manifest' | 'live'>): readonly Drift[] {
  if (current === null || !RELEASE_NAME.test(current)) return []
  if (manifest?.release !== current) {
    return [{ path: 'manifest.json', kind: 'edited', detail: 'is gone or not as gw wrote it' }]
  }
  const found = new Map(live.map((file) => [file.path, file]))
  const known = new Set(manifest.files.map(({ path }) => path))
  return [
    ...manifest.files.flatMap((file) => changesOf(file, found.get(file.path))),
    ...live
      .filter(({ path }) => !known.has(path))
      .map(({ path }): Drift => ({ path, kind: 'extra', detail: 'is no file of the release' })),
  ]
}

function changesOf(file: ManifestFile, now: LiveFile | undefined): Drift[] {
  const { path } = file
  if (now === undefined) return [{ path, kind: 'missing', detail: 'is gone' }]
  if (now.sha256 !== file.sha256) return [{ path, kind: 'edited', detail: 'has another content' }]
  const changes = ownershipChanges(file, now)
  return changes.length === 0 ? [] : [{ path, kind: 'ownership', detail: changes.join(', ') }]
}

/** A place where programs look, with what stands there now. */
export interface SeenLink {
  readonly link: ReleaseLink
  readonly now: FileState
}

/**
 * Files in place of links to the current release, which is what editors and `sed -i` leave, where their content is
 * another one than the release's.
 */
export function linkDrift({ current, manifest }: ReleaseStore, seen: readonly SeenLink[]): readonly Drift[] {
  if (manifest === null || manifest.release !== current) return []
  return seen.flatMap(({ link, now }): Drift[] => {
    const file = manifest.files.find(({ path }) => path === link.file)
    if (now.type !== 'file' || file === undefined || now.sha256 === file.sha256) return []
    return [{ path: link.path, kind: 'edited', detail: `is a file in place of the link to ${link.file}` }]
  })
}
