import { readManifest } from '../model/manifest.js'
import { type Manifest, RELEASE_NAME } from '../model/release.js'
import type { LiveFile } from '../model/release-store.js'
import type { StatePaths } from '../model/state-paths.js'
import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'
import { endSection, filesOf, listFiles, printText, sectionsOf, textOf } from './release-files.js'

interface CheckQuestion {
  readonly paths: StatePaths
  /** Its name. */
  readonly release: string
}

/** How a program judged a release: its exit status, and the first 4 KiB that it printed. */
export interface Trying {
  readonly status: number
  readonly output: string
}

/** What decides whether a release that lies on a host could be started there now. */
export interface ReleaseCheck {
  /** Null when there is none, or it cannot be read. */
  readonly manifest: Manifest | null
  /** Every file of the release, manifest.json left out. */
  readonly files: readonly LiveFile[]
  readonly nginx: Trying
  readonly keepalived: Trying
  /** Paths of modules that its nginx.conf loads and that are not there. */
  readonly missingModules: readonly string[]
  /** Its certificates with their chains; paths are relative to the release. */
  readonly certificates: readonly { readonly path: string; readonly pem: string }[]
}

/** The sections of one release's answer, in their order. */
const SECTIONS = 5

/** A release that lies on a host, as it is now and as its programs judge it; nothing is changed, and nothing started. */
export const releaseCheck: Fact<CheckQuestion, ReleaseCheck> = {
  name: 'release-check',
  script: (args) => lines(args.map(checkScript)),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== SECTIONS * args.length) {
      throw new Error('the sections of the answer about a release are not complete')
    }
    return args.map((_arg, index) => readCheck(sections.slice(SECTIONS * index, SECTIONS * (index + 1))))
  },
}

function checkScript({ paths, release }: CheckQuestion): Script {
  if (!RELEASE_NAME.test(release)) throw new Error(`${JSON.stringify(release)} is no name of a release`)
  const folder = `${paths.releases}/${release}`
  return sh`
    (
    cd -- ${folder} || { printf '%s\0' -- -- -- -- --; exit; }
    try() {
      o=$("$@" 2>&1 </dev/null)
      s=$?
      printf '%s\0=' "$s"
      printf %s "$o" | head -c 4096 | tr -d '\000'
      printf '\0'
    }
    ${listFiles(sh`./`)}
    ${endSection}
    ${printText(sh`manifest.json`)}
    ${endSection}
    try nginx -t -q -c ${`${folder}/nginx/nginx.conf`}
    try keepalived -t -f ${`${folder}/keepalived/keepalived.conf`}
    ${endSection}
    sed -n 's|^[[:blank:]]*load_module[[:blank:]]*"\{0,1\}\(/[^";]*\)"\{0,1\};.*|\1|p' nginx/nginx.conf |
      while IFS= read -r f; do
        [ -e "$f" ] || printf '%s\0' "$f"
      done
    ${endSection}
    for f in nginx/gw/tls/*.crt; do
      [ -f "$f" ] || continue
      printf '%s\0' "$f"
      ${printText(sh`"$f"`)}
    done
    ${endSection}
    )`
}

function readCheck([
  files = [],
  manifest = [],
  tried = [],
  missingModules = [],
  certificates = [],
]: string[][]): ReleaseCheck {
  return {
    manifest: readManifest(textOf(manifest[0])),
    files: filesOf(files, './'),
    nginx: tryingOf(tried[0], tried[1]),
    keepalived: tryingOf(tried[2], tried[3]),
    missingModules,
    certificates: certificates.flatMap((record, index) =>
      index % 2 === 0 ? [{ path: record, pem: textOf(certificates[index + 1]) }] : [],
    ),
  }
}

/** Status 127 stands for a program that was not even tried: the release is not there. */
function tryingOf(status = '127', output?: string): Trying {
  if (!/^\d{1,3}$/.test(status)) throw new Error(`"${status}" is no exit status`)
  return { status: Number(status), output: textOf(output).trim() }
}
