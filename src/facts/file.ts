import { type Script, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** What to ask about a path; with `expectSha256`, a text that has none of these sums is fetched, to be shown as a diff. */
export interface FileQuestion {
  /** Absolute; without control characters, backslashes and trailing blanks. */
  readonly path: string
  readonly expectSha256?: readonly string[]
}

interface Standing {
  /** Four octal digits. */
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** Bytes. */
  readonly size: number
  /** When the inode last changed (ctime: content, mode, owner or name), in seconds since 1970. */
  readonly changedAt: number
  /** When the content was last written (mtime: a copy may keep it, whoever is root may set it), in seconds since 1970. */
  readonly modifiedAt: number
}

type OtherType = 'directory' | 'fifo' | 'socket' | 'character device' | 'block device'

/**
 * What stands at a path, links not followed. `sha256` is null above 64 MiB. `content` is there when it was asked for,
 * differs, is at most 256 KiB and is text.
 */
export type FileState =
  | { readonly type: 'absent' }
  | (Standing & { readonly type: 'file'; readonly sha256: string | null; readonly content: string | null })
  | (Standing & { readonly type: 'link'; readonly target: string })
  | (Standing & { readonly type: OtherType })

/** A text that is larger is not sent: what is cut here is one byte longer. */
export const MAX_CONTENT_BYTES = 262_144

const OTHER_TYPES: Readonly<Record<number, OtherType>> = {
  0o01: 'fifo',
  0o02: 'character device',
  0o04: 'directory',
  0o06: 'block device',
  0o14: 'socket',
}

/** State of files: one `stat`, one `sha256sum` for all; nothing but regular files is ever opened. */
export const fileState: Fact<FileQuestion, FileState> = { name: 'file', script, parse }

/**
 * Each word is a path with the first digits of its expected sums before it, or `-`. The sums on the host decide only
 * which contents travel (base64, 2 MB together at most); whether a file is right is decided here, by the whole sum.
 * A newline in a link's target travels as \001.
 */
function script(args: readonly FileQuestion[]): Script {
  const expected = new Map<string, string>()
  for (const { path, expectSha256 } of args) {
    if (expectSha256 === undefined || expected.has(path)) continue
    expected.set(path, [...new Set(expectSha256)].map((sum) => sum.slice(0, 12)).join())
  }
  const paths = [...new Set(args.map((arg) => arg.path))]
  const words = paths.map((path) => `${expected.get(path) ?? '-'}${path}`)
  return sh`
    n='
    '
    e=$n
    set --
    IFS=,
    for w in ${words}; do
      for k in \${w%%/*}; do e=$e$k/\${w#*/}$n; done
      set -- "$@" "/\${w#*/}"
    done
    unset IFS
    s=$(stat -c '%f %U %G %s %.6Z %.6Y %n' -- "$@") || :
    case $n$s in *"$n"a*) l=$(readlink -z -- "$@" | tr '\n\0' '\001\n') ;; *) l= ;; esac
    set --
    while read -r m _ _ z _ _ p; do
      case $m in 8???) [ "$z" -gt 67108864 ] || set -- "$@" "$p" ;; esac
    done <<E
    $s
    E
    h=
    [ $# = 0 ] || h=$(sha256sum -- "$@") || :
    printf '%s\n--\n' "$s" "$h"
    b=2000000
    while read -r k p; do
      k=\${k%"\${k#????????????}"}
      case $e in *"$n$k$p$n"* | *"$n-$p$n"*) continue ;; esac
      c=$(head -c 262145 -- "$p" | base64 -w0)
      b=$((b - \${#c}))
      [ $b -lt 0 ] || printf '%s %s\n' "$c" "$p"
    done <<E
    $h
    E
    printf -- '--\n%s\n' "$l"`
}

function parse(output: string, args: readonly FileQuestion[]): FileState[] {
  const { standings, sums, contents, targets } = sectionsOf(output)
  const parts: Parts = {
    sums: new Map(sums.map((row) => [row.slice(66), row.slice(0, 64)])),
    contents: new Map(contents.map((row) => [afterBlank(row), row.slice(0, row.indexOf(' '))])),
    targets,
  }
  const states = new Map<string, FileState>()
  for (const row of standings) {
    const fields = /^([0-9a-f]{4}) (\S+) (\S+) (\d+) (\d+(?:\.\d+)?) (-?\d+(?:\.\d+)?) (.+)$/.exec(row)
    const [, mode = '', owner = '', group = '', size = '', changedAt = '', modifiedAt = '', path = ''] =
      fields ?? []
    if (fields === null) throw new Error(`"${row}" is not a line about a file`)
    const bits = Number.parseInt(mode, 16)
    const standing = {
      mode: (bits & 0o7777).toString(8).padStart(4, '0'),
      owner,
      group,
      size: Number(size),
      changedAt: Number(changedAt),
      modifiedAt: Number(modifiedAt),
    }
    states.set(path, withType(bits >> 12, standing, path, parts))
  }
  return args.map((arg) => answer(states.get(arg.path), arg))
}

interface Parts {
  readonly sums: ReadonlyMap<string, string>
  readonly contents: ReadonlyMap<string, string>
  readonly targets: string[]
}

function withType(type: number, standing: Standing, path: string, parts: Parts): FileState {
  if (type === 0o10) {
    return {
      ...standing,
      type: 'file',
      sha256: parts.sums.get(path) ?? null,
      content: decodedText(parts.contents.get(path)),
    }
  }
  if (type === 0o12) {
    const target = parts.targets.shift()
    if (target === undefined) throw new Error(`the target of the link ${path} is missing`)
    return { ...standing, type: 'link', target: target.replaceAll('\x01', '\n') }
  }
  const other = OTHER_TYPES[type]
  if (other === undefined) throw new Error(`${path} has the unknown type ${type}`)
  return { ...standing, type: other }
}

/** A path may be asked about with and without an expected sum; only the first question gets a content. */
function answer(state: FileState | undefined, arg: FileQuestion): FileState {
  if (state === undefined) return { type: 'absent' }
  if (state.type !== 'file') return state
  const unasked = arg.expectSha256 === undefined || arg.expectSha256.includes(state.sha256 ?? '')
  return unasked ? { ...state, content: null } : state
}

/** The text that a host sent in base64; null for none, for one that is cut, and for what is no text. */
export function decodedText(base64: string | undefined): string | null {
  return base64 === undefined ? null : textOfBytes(Buffer.from(base64, 'base64'))
}

/** The bytes as text; null when they are none, or more than a content may have. */
export function textOfBytes(bytes: Uint8Array): string | null {
  if (bytes.length > MAX_CONTENT_BYTES || bytes.includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** The lines of the four sections, `--` between two of them; in the last one it may be the target of a link. */
function sectionsOf(output: string) {
  const lines = output.replace(/\n$/, '').split('\n')
  const first = lines.indexOf('--')
  const second = lines.indexOf('--', first + 1)
  const third = lines.indexOf('--', second + 1)
  if (first < 0 || second <= first || third <= second) {
    throw new Error('the sections of the answer about files are not complete')
  }
  const rows = (start: number, end?: number) => lines.slice(start, end).filter((line) => line !== '')
  return {
    standings: rows(0, first),
    sums: rows(first + 1, second),
    contents: rows(second + 1, third),
    targets: rows(third + 1),
  }
}

function afterBlank(row: string): string {
  return row.slice(row.indexOf(' ') + 1)
}
