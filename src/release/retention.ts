import { RELEASE_NAME, RELEASES_KEPT } from '../model/release.js'
import type { ReleaseStore } from '../model/release-store.js'
import type { StatePaths } from '../model/state-paths.js'
import { type Script, lines, sh } from '../shell/script.js'

/**
 * The releases that a host no longer needs once `published` is confirmed there: all but the ten confirmed ones that were
 * staged last, and those that it serves, served before, or may go back to. To one that was never confirmed nobody goes back.
 */
export function toRemove(store: ReleaseStore, published: string): readonly string[] {
  const { current, previous, trial } = store
  const needed = new Set([published, current, previous, trial?.release, trial?.before])
  const others = store.releases.filter(({ name }) => !needed.has(name))
  const confirmed = others.filter((release) => release.confirmed !== null)
  const kept = new Set(confirmed.slice(-RELEASES_KEPT))
  return others.filter((release) => !kept.has(release)).map(({ name }) => name)
}

/**
 * Removes releases, and contents that are in no release any more. Whatever a look said, what is published stays. A
 * release loses its name before its first file, so that none is ever half there. For a program that holds `work`.
 */
export function removalScript(paths: StatePaths, names: readonly string[]): Script {
  const wrong = names.find((name) => !RELEASE_NAME.test(name))
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is no name of a release`)
  return lines([...(names.length === 0 ? [] : [removeReleases(paths, names)]), removeContents(paths)])
}

/** What a kill leaves of it is removed by the next staging. */
function removeReleases(
  { releases, current, previous, confirmed }: StatePaths,
  names: readonly string[],
): Script {
  return sh`
    for gw_name in ${names}; do
      gw_release=${releases}/$gw_name
      if [ ! -d "$gw_release" ] || [ -L "$gw_release" ]; then continue; fi
      if [ "$gw_release" -ef ${current} ] || [ "$gw_release" -ef ${previous} ]; then continue; fi
      mv -T -- "$gw_release" ${releases}/".staged-$gw_name.removed"
      rm -f -- ${confirmed}/"$gw_name"
      rm -rf -- ${releases}/".staged-$gw_name.removed"
    done`
}

/** By the manifests of all releases, which have a file with its sum a line. */
function removeContents({ releases, objects }: StatePaths): Script {
  return sh`
    if cd -- ${objects} 2>/dev/null; then
      gw_used=$(cat -- ${releases}/*/manifest.json 2>/dev/null | sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' | LC_ALL=C sort -u)
      printf '%s\n' * | grep -xE '[0-9a-f]{64}' | LC_ALL=C sort |
        LC_ALL=C comm -23 - /dev/fd/3 3<<E | xargs -r rm -f --
    $gw_used
    E
      cd /
    fi`
}
