import type { LiveFile } from '../model/release-store.js'
import { type Script, sh } from '../shell/script.js'

/** Sections of an answer, every record ended by NUL: names of files may hold anything else. */
const END = '--'

/** Ends a section; no record is `--` by itself. */
export const endSection: Script = sh`printf '%s\0' ${END}`

/** The records of each section. */
export function sectionsOf(output: string): string[][] {
  const sections: string[][] = []
  let records: string[] = []
  for (const record of output.split('\0')) {
    if (record === END) {
      sections.push(records)
      records = []
    } else records.push(record)
  }
  return sections
}

/**
 * Lists every file below `folder` (a word of shell, with a slash at its end) with its sum, manifest.json left out. What
 * is no regular file is listed, and never opened. GNU find writes out what it has printed before it runs a program.
 */
export function listFiles(folder: Script): Script {
  return sh`
    find ${folder} -mindepth 1 ! -type d ! -path ${folder}manifest.json -printf '%y %m %u %g %s %P\0' \
      -type f -size -131073 -exec sha256sum -z -- {} +`
}

/** The text of `file` (a word of shell) as one record; the rest of one that is larger than 1 MiB is left out. */
export function printText(file: Script): Script {
  return sh`
    printf '='
    [ ! -f ${file} ] || head -c 1048576 -- ${file} | tr -d '\000'
    printf '\0'`
}

/** What `printText` printed. */
export function textOf(record: string | undefined): string {
  return record?.slice(1) ?? ''
}

/** Reads what `listFiles` printed for a folder of that name. */
export function filesOf(records: readonly string[], folder: string): LiveFile[] {
  const sums = new Map<string, string>()
  const listed: Omit<LiveFile, 'sha256'>[] = []
  for (const record of records) {
    const [, sha256 = '', path] = /^([0-9a-f]{64}) [ *]([^]+)$/.exec(record) ?? []
    if (path !== undefined) sums.set(path.slice(folder.length), sha256)
    else listed.push(listedFile(record))
  }
  return listed.map((file) => ({ ...file, sha256: sums.get(file.path) ?? null }))
}

function listedFile(record: string): Omit<LiveFile, 'sha256'> {
  const [, mode = '', owner = '', group = '', size, path = ''] =
    /^\S ([0-7]+) (\S+) (\S+) (\d+) ([^]+)$/.exec(record) ?? []
  if (size === undefined) throw new Error(`"${record}" is not a record about a file`)
  return { path, mode: mode.padStart(4, '0'), owner, group, size: Number(size) }
}
