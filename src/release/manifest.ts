import type { Manifest, ManifestFile } from '../model/release.js'
import { type RenderedFile, revealedText } from '../model/rendered-file.js'
import type { Ownership } from '../operations/ownership.js'
import { sha256Of } from '../operations/replacement.js'

/** What a manifest says besides the release's name and its files. */
export type ReleaseMeta = Omit<Manifest, 'schemaVersion' | 'release' | 'files'>

export type Owner = Pick<Ownership, 'owner' | 'group'>

/** Who owns the files of a release. */
export const ROOT: Owner = { owner: 'root', group: 'root' }

export function manifestOf(name: string, meta: ReleaseMeta, files: readonly ManifestFile[]): Manifest {
  return { schemaVersion: 1, release: name, ...meta, files }
}

/** A rendered file as a manifest has it. */
export function manifestFile(file: RenderedFile, { owner, group }: Owner): ManifestFile {
  const text = revealedText(file)
  const { path, mode } = file
  return { path, mode, owner, group, sha256: sha256Of(text), size: Buffer.byteLength(text) }
}

/** By which two hosts have the same release. Files may differ from host to host, and do; what a release is called and where it came from may not. */
export function identityOf({ release, origin, createdAt, by, commit, gw, domain }: Manifest): string {
  return JSON.stringify([release, origin, createdAt, by, commit, gw, domain])
}
