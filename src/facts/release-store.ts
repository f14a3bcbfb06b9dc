import { readManifest } from '../model/manifest.js'
import { ORIGINAL_RELEASE, RELEASE_NAME } from '../model/release.js'
import type {
  ReleaseStore,
  RevertedBy,
  RevertRecord,
  StoredRelease,
  TrialState,
} from '../model/release-store.js'
import type { StatePaths } from '../model/state-paths.js'
import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'
import { isWord, type Notes, objectOf, pairsOf, printNotes, readNotes, UNKNOWN, wordIn } from './notes.js'
import { endSection, filesOf, listFiles, printText, sectionsOf, textOf } from './release-files.js'

interface StoreQuestion {
  readonly paths: StatePaths
}

/** The sections of one store's answer, in their order. */
const SECTIONS = 4

/** The releases of a host, the files of the current one with their sums, and what became of the last publish. */
export const releaseStore: Fact<StoreQuestion, ReleaseStore> = {
  name: 'release-store',
  script: (args) => lines(args.map(({ paths }) => storeScript(paths))),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== SECTIONS * args.length) {
      throw new Error('the sections of the answer about releases are not complete')
    }
    return args.map(({ paths }, index) =>
      readStore(sections.slice(SECTIONS * index, SECTIONS * (index + 1)), paths),
    )
  },
}

/** Few processes, for it is asked at every look: short files are read by the shell itself. */
function storeScript({ root }: StatePaths): Script {
  return sh`
    (
    cd -- ${root} || { printf '%s\0' -- -- -- --; exit; }
    find current previous releases -maxdepth 2 '(' -name manifest.json -o ! -type f ')' -printf '%y %T@ %p\0=%l\0'
    ${endSection}
    ${listFiles(sh`current/`)}
    ${endSection}
    ${printNotes(sh`confirmed/* trial/run trial/release trial/before reverted`)}
    [ ! -d trial ] || printf 'trial\0=\0'
    ${endSection}
    ${printText(sh`current/manifest.json`)}
    ${endSection}
    )`
}

function readStore([names = [], files = [], notes = [], manifest = []]: string[][], paths: StatePaths) {
  const { links, releases } = readNames(names)
  const noted = readNotes(notes)
  const nameOf = (link: string) => releaseAt(links.get(link), paths)
  return {
    current: nameOf('current'),
    previous: nameOf('previous'),
    releases: [...releases]
      .map(([name, stagedAt]): StoredRelease => {
        return { name, stagedAt, confirmed: confirmation(noted.get(`confirmed/${name}`)) }
      })
      .sort((one, other) => one.stagedAt - other.stagedAt),
    manifest: readManifest(textOf(manifest[0])),
    live: filesOf(files, 'current/'),
    trial: noted.has('trial') ? trialOf(noted) : null,
    reverted: revertOf(noted.get('reverted')),
  }
}

/** Links with their targets, and releases with their times: of the manifest, which is written once and last. */
function readNames(records: readonly string[]) {
  const links = new Map<string, string>()
  const releases = new Map<string, number>()
  for (const [record, target] of pairsOf(records)) {
    const [, type = '', time = '', path = ''] = /^(\S) (\d+(?:\.\d+)?) ([^]+)$/.exec(record) ?? []
    const [, name = '', below] = /^releases\/([^/]+)(\/manifest\.json)?$/.exec(path) ?? []
    if (type === 'l') links.set(path, target.slice(1))
    if (!RELEASE_NAME.test(name)) continue
    if (type === 'f' && below !== undefined) releases.set(name, Number(time))
    else if (type === 'd' && below === undefined) releases.set(name, releases.get(name) ?? Number(time))
  }
  return { links, releases }
}

function releaseAt(target: string | undefined, { releases }: StatePaths): string | null {
  if (target?.startsWith(`${releases}/`) !== true) return null
  const name = target.slice(releases.length + 1)
  return name === ORIGINAL_RELEASE || RELEASE_NAME.test(name) ? name : null
}

function confirmation(line: string | undefined): StoredRelease['confirmed'] {
  if (line === undefined) return null
  const [time = '', run = '', ...more] = line.split(' ')
  const whole = isWord(time) && isWord(run) && more.length === 0
  return whole ? { time, run } : { time: UNKNOWN, run: UNKNOWN }
}

function trialOf(noted: Notes): TrialState {
  return {
    run: wordIn(noted, 'trial/run'),
    release: wordIn(noted, 'trial/release'),
    before: wordIn(noted, 'trial/before'),
  }
}

const REVERTED_BY: readonly unknown[] = ['watchdog', 'boot', 'gw', 'takeover'] satisfies RevertedBy[]

function revertOf(line: string | undefined): RevertRecord | null {
  if (line === undefined) return null
  const record = objectOf(line)
  const { time, run, release, before, by } = record
  const words = [time, run, release, before].every(isWord)
  return words && REVERTED_BY.includes(by) ? ({ time, run, release, before, by } as RevertRecord) : null
}
