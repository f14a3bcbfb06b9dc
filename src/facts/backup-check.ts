import { BACKUP_NAME, type BackupCheck, type BackupFault } from '../model/backup.js'
import { readManifest } from '../model/manifest.js'
import type { LiveFile } from '../model/release-store.js'
import { type Script, lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'
import { endSection, filesOf, printText, sectionsOf, textOf } from './release-files.js'

interface BackupQuestion {
  /** Where a host keeps its backups. */
  readonly folder: string
  /** Of the backup. */
  readonly name: string
}

/** Where a backup has its release. */
const BELOW = 'release/'

/** The sections of one backup's answer, in their order: its files with their sums, then two texts. */
const SECTIONS = 2

/** Whether every file of a backup is what it was when the backup was made; null for a backup that is not there. */
export const backupCheck: Fact<BackupQuestion, BackupCheck | null> = {
  name: 'backup-check',
  script: (args) => lines(args.map(readBackup)),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== SECTIONS * args.length)
      throw new Error('the answer about a backup is not complete')
    return args.map((_arg, index) =>
      checkOf(sections[SECTIONS * index] ?? [], sections[SECTIONS * index + 1] ?? []),
    )
  },
}

/** GNU find writes out what it has printed before it runs a program. */
function readBackup({ folder, name }: BackupQuestion): Script {
  if (!BACKUP_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a backup`)
  const path = `${folder}/${name}`
  return sh`
    (
    if [ ! -L ${path} ] && cd -- ${path}; then
      find . -mindepth 1 ! -type d -printf '%y %m %u %g %s %P\0' -type f -exec sha256sum -z -- {} +
      ${endSection}
      ${printText(sh`SHA256SUMS`)}
      ${printText(sh`release/manifest.json`)}
    else
      ${endSection}
    fi
    )
    ${endSection}`
}

function checkOf(records: readonly string[], texts: readonly string[]): BackupCheck | null {
  const [sums, manifest] = texts
  if (sums === undefined) return null
  const files = filesOf(records, './')
  const made = madeWith(textOf(sums))
  return {
    faults: faultsOf(files, made),
    manifest: readManifest(textOf(manifest)),
    files: files
      .filter(({ path }) => path.startsWith(BELOW) && path !== `${BELOW}manifest.json`)
      .map((file) => ({ ...file, path: file.path.slice(BELOW.length) })),
  }
}

/** Reads SHA256SUMS: sums by path. A line whose path holds a backslash or a line feed begins with a backslash. */
function madeWith(text: string): Map<string, string> {
  const made = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, escaped, sum, path] = /^(\\?)([0-9a-f]{64}) [ *]\.\/([^]+)$/.exec(line) ?? []
    if (sum === undefined || path === undefined) continue
    made.set(escaped === '' ? path : unescaped(path), sum)
  }
  return made
}

const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' }

function unescaped(path: string): string {
  return path.replaceAll(/\\[\\nr]/g, (escape) => ESCAPES[escape] ?? escape)
}

function faultsOf(files: readonly LiveFile[], made: ReadonlyMap<string, string>): BackupFault[] {
  const there = new Map(files.map((file) => [file.path, file]))
  const faults: BackupFault[] = []
  for (const [path, sum] of made) {
    const file = there.get(path)
    if (file === undefined) faults.push({ path, fault: 'missing' })
    else if (file.sha256 !== sum) faults.push({ path, fault: 'damaged' })
  }
  for (const { path, sha256 } of files) {
    if (sha256 !== null && path !== 'SHA256SUMS' && !made.has(path)) faults.push({ path, fault: 'extra' })
  }
  return faults.sort((one, other) => (one.path < other.path ? -1 : 1))
}
