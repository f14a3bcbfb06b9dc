import { posix } from 'node:path'
import { manifestText } from '../model/manifest.js'
import type { Manifest, ManifestFile } from '../model/release.js'
import { foldersOf } from '../model/rendered-file.js'
import type { StatePaths } from '../model/state-paths.js'
import { atExit } from '../operations/at-exit.js'
import type { Decision } from '../operations/operation.js'
import { passing, sha256Of } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'

/** Exit statuses of a staging that failed; with each of them the release is not there, and nothing else was changed. */
export const STAGE_STATUS = { full: 28, exists: 73, incomplete: 74, notStartable: 78 } as const

/** The kinds of error that some of them stand for. */
const STAGE_FAILURES = {
  [STAGE_STATUS.exists]: 'RELEASE_EXISTS',
  [STAGE_STATUS.notStartable]: 'RELEASE_NOT_STARTABLE',
} as const

/** A content that the host's store does not have yet: sent, or lying at a path of the host. */
export type Incoming = { readonly sha256: string } & ({ readonly text: string } | { readonly path: string })

interface Staging {
  readonly paths: StatePaths
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly manifest: Manifest
  readonly incoming: readonly Incoming[]
  /** A command that judges the staged release, given its folder, before it gets its name. */
  readonly test: (staged: string) => Script
}

/** What the parts of the script speak of. */
interface Places extends Staging {
  readonly release: string
  readonly staged: string
  /** An unpublished release of the same name, on its way out. */
  readonly replaced: string
  readonly received: string
}

/**
 * Lays a release down beside the others: contents first, each under its sum, then copies of them in a folder that gets
 * the release's name when it is whole, tested and on the disk. However it ends, by SIGKILL too, there is a whole release
 * of that name or none; what is left over is removed by the next staging. For a program that holds `work`.
 */
export function stageScript(
  staging: Staging,
): Pick<Extract<Decision, { kind: 'change' }>, 'script' | 'failures'> & { readonly input: Uint8Array } {
  const { paths, manifest, run, incoming } = staging
  const staged = `${paths.releases}/.staged-${run}`
  const places: Places = {
    ...staging,
    release: `${paths.releases}/${manifest.release}`,
    staged,
    replaced: `${staged}.replaced`,
    received: `${paths.objects}/.received`,
  }
  const script = lines([
    refuseTaken(places),
    claim(places),
    refuseFull(places),
    ...(incoming.length === 0 ? [] : [receive(places)]),
    layDown(places),
    verify(places),
    setOwnership(manifest.files),
    passing(manifest.release, staging.test(staged), STAGE_STATUS.notStartable),
    takeName(places),
  ])
  const sent = incoming.flatMap((content) => ('text' in content ? [content.text] : []))
  const input = Buffer.from([...sent, manifestText(manifest)].join(''))
  return { script, input, failures: STAGE_FAILURES }
}

/** What was published once keeps its name and its files. */
function refuseTaken({ paths, manifest, release }: Places): Script {
  return sh`
    set -eu
    if [ -e ${`${paths.confirmed}/${manifest.release}`} ] || [ ${release} -ef ${paths.current} ] ||
      [ ${release} -ef ${paths.previous} ]; then
      echo 'the release' ${manifest.release} 'is on this host already and was published' >&2
      exit ${STAGE_STATUS.exists}
    fi`
}

/** Nobody else is at work here: what other runs left over is of dead ones. */
function claim({ paths, manifest, staged, replaced, received }: Places): Script {
  return lines([
    sh`
      umask 022
      mkdir -p -- ${paths.releases} ${paths.objects}
      chmod -- 0700 ${paths.objects}
      rm -rf -- ${paths.releases}/.staged-* ${received}
      is_staged=`,
    atExit(sh`
      rm -rf -- ${staged} ${replaced} ${received}
      [ "$is_staged" ] || echo ${manifest.release} 'was not staged; nothing was changed' >&2`),
  ])
}

const KIB = 1024
const SPARE_KIB = 10 * KIB

/** Before the disk is full, which would hurt others too. */
function refuseFull({ paths, manifest }: Places): Script {
  const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0)
  const needed = Math.ceil((3 * bytes) / KIB) + SPARE_KIB
  return sh`
    free=$(df -k --output=avail -- ${paths.root} | tail -n 1)
    if [ "$((free))" -lt ${needed} ]; then
      echo 'no space:' ${paths.root} "has $((free)) KiB left, and "${needed} 'KiB are needed to stage' ${manifest.release} >&2
      exit ${STAGE_STATUS.full}
    fi`
}

/** Contents are written beside, and get their sum for a name only once they have it. */
function receive({ paths, incoming, received }: Places): Script {
  const names = incoming.map(({ sha256 }) => sha256)
  return lines([
    sh`
      umask 077
      mkdir -- ${received}
      cd ${received}`,
    ...incoming.map((content) =>
      'text' in content
        ? sh`head -c ${Buffer.byteLength(content.text)} >${content.sha256}`
        : sh`cp -p -- ${content.path} ${content.sha256}`,
    ),
    checkSums(names.map((name) => `${name}  ${name}`)),
    sh`
      chmod -- 0600 ${names}
      sync -- ${names}
      mv -f -t ${paths.objects} -- ${names}
      sync -- ${paths.objects}`,
  ])
}

/**
 * Copies, and no links: who edits a published file must not change what the next release is made of. They keep the time at
 * which the content came to the host, by which units know whether they have read it.
 */
function layDown({ paths, manifest, staged }: Places): Script {
  const folders = [...foldersOf(manifest.files).keys()]
  return lines([
    // Closed to everybody else until keys have their modes.
    sh`
      umask 077
      mkdir -- ${staged}
      cd ${staged}`,
    ...(folders.length === 0 ? [] : [sh`mkdir -p -- ${folders}`]),
    ...manifest.files.map(({ path, sha256 }) => sh`cp -p -- ${`${paths.objects}/${sha256}`} ${path}`),
    sh`
      head -c ${Buffer.byteLength(manifestText(manifest))} >manifest.json
      umask 022`,
  ])
}

function verify({ manifest }: Places): Script {
  const whole = { path: 'manifest.json', sha256: sha256Of(manifestText(manifest)) }
  return checkSums([...manifest.files, whole].map(({ path, sha256 }) => `${sha256}  ${path}`))
}

function checkSums(sums: readonly string[]): Script {
  return sh`
    if ! printf '%s\n' ${sums} | sha256sum --check --quiet --strict; then
      echo 'these files did not arrive whole, or were changed meanwhile' >&2
      exit ${STAGE_STATUS.incomplete}
    fi`
}

/** The owner comes first, since changing it clears set-id bits, and the folders last, since they open the way. */
function setOwnership(files: readonly ManifestFile[]): Script {
  const owners = grouped(files, ({ owner, group }) => `${owner}:${group}`)
  const modes = grouped([...files, { path: 'manifest.json', mode: '0644' }], ({ mode }) => mode)
  const folders = [...foldersOf(files)].map(([path, mode]) => ({ path, mode }))
  const folderModes = grouped([...folders, { path: '.', mode: '0755' }], ({ mode }) => mode)
  return lines([
    ...[...owners].map(([owner, paths]) => sh`chown -- ${owner} ${paths}`),
    ...[...modes, ...folderModes].map(([mode, paths]) => sh`chmod -- ${mode} ${paths}`),
  ])
}

function grouped<Item extends { readonly path: string }>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item.path])
  return groups
}

/** Onto the disk before it has its name. */
function takeName({ paths, manifest, release, staged, replaced }: Places): Script {
  const { files } = manifest
  return sh`
    sync -- ${[...files.map(({ path }) => path), 'manifest.json', ...foldersOf(files).keys(), '.']}
    if [ -e ${release} ] || [ -L ${release} ]; then
      mv -T -- ${release} ${replaced}
    fi
    mv -T -- ${staged} ${release}
    is_staged=yes
    sync -- ${paths.releases} ${posix.dirname(paths.releases)}`
}
