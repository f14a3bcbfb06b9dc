import type { ManifestFile } from '../model/release.js'
import type { ReleaseStore } from '../model/release-store.js'
import type { StatePaths } from '../model/state-paths.js'
import { setOwnership } from '../operations/ownership.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'
import { driftOf } from './drift.js'

/**
 * Makes the release that a host had when the run began as it was published, so that it can be gone back to: what was
 * edited there by hand is kept elsewhere by now. For a release that is not the current one any more.
 */
export function mendScript(paths: StatePaths, store: ReleaseStore): Script {
  const { current, manifest } = store
  if (current === null || manifest === null) return sh`:`
  const folder = `${paths.releases}/${current}`
  const drift = driftOf(store)
  const extra = drift.filter(({ kind }) => kind === 'extra').map(({ path }) => `${folder}/${path}`)
  const changed = new Set(drift.filter(({ kind }) => kind !== 'extra').map(({ path }) => path))
  const files = manifest.files.filter(({ path }) => changed.has(path))
  return lines([
    ...(extra.length === 0 ? [] : [sh`rm -f -- ${extra}`]),
    ...files.map((file) => mendFile(`${folder}/${file.path}`, `${paths.objects}/${file.sha256}`, file)),
  ])
}

/** A content that the host has lost leaves the file as it is: a rollback will tell. */
function mendFile(path: string, object: string, file: ManifestFile): Script {
  const staged = stagedPath(path)
  return sh`
    if [ -f ${object} ]; then
      cp -p -- ${object} ${staged}
      ${setOwnership(staged, file)}
      mv -T -- ${staged} ${path}
    fi`
}
