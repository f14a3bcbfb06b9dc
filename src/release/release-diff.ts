import type { Manifest, ManifestFile } from '../model/release.js'
import { ownershipChanges } from '../operations/ownership.js'

/** How a file differs between two releases of a host. */
export interface FileChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'edited' | 'ownership'
  /** True for a file that only root reads: its content is never shown. */
  readonly secret: boolean
  /** What became of its mode and owner, in words; empty for no change of them. */
  readonly ownership: string
  /** As the manifests have them; null for a file that is not in that release. */
  readonly before: ManifestFile | null
  readonly after: ManifestFile | null
}

const SECRET_MODE = '0600'

/** Pure: the files that differ, by path. Those in `except` are left out. */
export function changedFiles(from: Manifest, to: Manifest, except: readonly string[]): FileChange[] {
  const before = new Map(from.files.map((file) => [file.path, file]))
  const after = new Map(to.files.map((file) => [file.path, file]))
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !except.includes(path))
  return paths.sort().flatMap((path) => changeOf(path, before.get(path) ?? null, after.get(path) ?? null))
}

function changeOf(path: string, before: ManifestFile | null, after: ManifestFile | null): FileChange[] {
  const ownership = before === null || after === null ? '' : ownershipChanges(before, after).join(', ')
  const kind = kindOf(before, after, ownership)
  if (kind === null) return []
  const secret = [before, after].some((file) => file !== null && file.mode === SECRET_MODE)
  return [{ path, kind, secret, ownership, before, after }]
}

function kindOf(
  before: ManifestFile | null,
  after: ManifestFile | null,
  ownership: string,
): FileChange['kind'] | null {
  if (before === null) return 'added'
  if (after === null) return 'removed'
  if (before.sha256 !== after.sha256) return 'edited'
  return ownership === '' ? null : 'ownership'
}
