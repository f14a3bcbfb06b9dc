import { posix } from 'node:path'
import { foldersOf, revealedText } from '../model/rendered-file.js'
import { Script, lines, sh } from '../shell/script.js'
import type { Ownership } from './ownership.js'
import { claim, passing, publishStaged, refuseDirectory, stagedPath } from './replacement.js'
import type { ComparedFile } from './tree-comparison.js'

/** Where a tree lives; all paths absolute. */
export interface TreePlace {
  /** The link by which everything else finds the files. */
  readonly link: string
  /** The folder of the releases: one `<UTC time>-<process id>` each. */
  readonly store: string
  /** A link to the release that was published before. */
  readonly previous: string
  /** A command that judges the staged release, given its folder, before it is published. */
  readonly test?: (staged: string) => Script
}

type Owner = Pick<Ownership, 'owner' | 'group'>

/**
 * Stages a release in the store and publishes it. Standard input has the contents of the files that are new or differ,
 * one after the other. However it ends, by SIGKILL too, the link leads to the old release or to the new one, whole.
 */
export function publishRelease(place: TreePlace, owner: Owner, files: readonly ComparedFile[]): Script {
  const staged = posix.join(place.store, '.staged')
  return lines([
    claimStore(place, staged),
    stage(place, staged, files),
    verify(place, files),
    setOwnership(owner, files),
    ...(place.test === undefined ? [] : [passing(place.link, place.test(staged))]),
    settle(files),
    publish(place, staged),
    removeOldReleases(place),
  ])
}

function claimStore({ link, store, previous }: TreePlace, staged: string): Script {
  const left = [staged, stagedPath(link), stagedPath(previous)]
  return lines([
    sh`
      set -eu
      mkdir -p -- ${[store, ...new Set([posix.dirname(link), posix.dirname(previous)])]}`,
    refuseDirectory(link),
    refuseDirectory(previous),
    claim(store, sh`rm -rf -- ${left}`),
  ])
}

/** What did not change is copied with its times, by which units know whether they have read it. */
function stage({ link }: TreePlace, staged: string, files: readonly ComparedFile[]): Script {
  const inner = [...foldersOf(files).keys()]
  return lines([
    // Closed to everybody else until keys have their modes.
    sh`
      umask 077
      mkdir -- ${staged}
      cd ${staged}`,
    ...(inner.length === 0 ? [] : [sh`mkdir -p -- ${inner}`]),
    ...files.map((file) =>
      file.state === 'new' || file.state === 'differs'
        ? sh`head -c ${Buffer.byteLength(revealedText(file))} >${file.path}`
        : sh`cp -p -- ${`${link}/${file.path}`} ${file.path}`,
    ),
    sh`umask 022`,
  ])
}

function verify({ link }: TreePlace, files: readonly ComparedFile[]): Script {
  const sums = files.map(({ path, sha256 }) => `${sha256}  ${path}`)
  return sh`
    if ! printf '%s\n' ${sums} | sha256sum --check --quiet --strict; then
      echo 'the files of' ${link} 'did not arrive whole, or were changed meanwhile; nothing was changed' >&2
      exit 74
    fi`
}

/** The owner comes first, since changing it clears set-id bits, and the folders last, since they open the way. */
function setOwnership({ owner, group }: Owner, files: readonly ComparedFile[]): Script {
  const modes = new Map<string, string[]>()
  for (const { path, ownership } of files) {
    modes.set(ownership.mode, [...(modes.get(ownership.mode) ?? []), path])
  }
  const folders = [...foldersOf(files)]
  const withMode = (wanted: string) => folders.flatMap(([folder, mode]) => (mode === wanted ? [folder] : []))
  const closed = withMode('0700')
  return lines([
    sh`chown -R -- ${`${owner}:${group}`} .`,
    ...[...modes].map(([mode, paths]) => sh`chmod -- ${mode} ${paths}`),
    ...(closed.length === 0 ? [] : [sh`chmod -- 0700 ${closed}`]),
    sh`chmod -- 0755 ${['.', ...withMode('0755')]}`,
  ])
}

/** Onto the disk before the link leads there. The time of a change is that of its publication, not of its staging. */
function settle(files: readonly ComparedFile[]): Script {
  const changed = files.filter(({ state }) => state === 'new' || state === 'differs').map(({ path }) => path)
  return lines([
    sh`sync -- ${[...files.map(({ path }) => path), '.', ...foldersOf(files).keys()]}`,
    ...(changed.length === 0 ? [] : [sh`touch -c -- ${changed}`]),
  ])
}

function publish({ link, store, previous }: TreePlace, staged: string): Script {
  return lines([
    sh`
      release=${store}/$(date -u +%Y%m%dT%H%M%SZ)-$$
      mv -T -- ${staged} "$release"
      sync -- ${store}
      old=$(readlink -- ${link}) || old=
      ln -s -- "$release" ${stagedPath(link)}`,
    publishStaged(link),
    // What was published by somebody else is not gw's to go back to.
    sh`
      case $old in
        ${store}/*)
          ln -s -- "$old" ${stagedPath(previous)}
          mv -T -- ${stagedPath(previous)} ${previous}
          sync -- ${posix.dirname(previous)}
          ;;
      esac`,
  ])
}

/** The beginning of a release's name, as the shell matches it. */
const RELEASE = new Script(`${'[0-9]'.repeat(8)}T${'[0-9]'.repeat(6)}Z-`)

/** Only folders of the store with a name such as "20261121T163000Z-4711". One that cannot be removed does no harm. */
function removeOldReleases({ store, previous }: TreePlace): Script {
  return sh`
    kept=$(readlink -- ${previous}) || kept=
    for old in ${store}/${RELEASE}*; do
      case \${old##*Z-} in '' | *[!0-9]*) continue ;; esac
      if [ ! -d "$old" ] || [ -L "$old" ]; then continue; fi
      case $old in "$release" | "$kept") continue ;; esac
      rm -rf -- "$old" || :
    done`
}
