import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** A VRRP instance as keepalived itself tells of it. */
export interface VrrpInstance {
  readonly name: string
  readonly state: 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT'
  readonly interface: string
  readonly virtualRouterId: number
  /** As configured, and as it counts now. */
  readonly priority: number
  readonly effectivePriority: number
}

/** keepalived as it tells of itself, and the files by which it is told whether NGINX serves. */
export interface VrrpState {
  readonly instances: readonly VrrpInstance[]
}

/**
 * keepalived as it sees itself; null when it does not run, is just being started, or writes nothing within half a second.
 * Asking makes it write `/tmp/keepalived.json` (and a line in the journal): it has no other way to tell.
 */
export const vrrpState: Fact<Record<string, never>, VrrpState | null> = {
  name: 'vrrp',
  script: () => DUMP,
  parse: (output, args) => args.map(() => readDump(output)),
}

/**
 * The number of the signal differs between versions. It would end a process that has not made ready for it, so the kernel is
 * asked whether keepalived has. A signal that comes while it reloads may be lost, so it is sent again. keepalived writes
 * beside and renames: a file that is another one than before is whole. It is looked for where keepalived has its /tmp, and
 * only a file of root's own is read.
 */
const DUMP = sh`
  (
  p=
  [ ! -f /run/keepalived.pid ] || IFS= read -r p </run/keepalived.pid || :
  case $p in '' | *[!0-9]*) exit ;; esac
  c=
  IFS= read -r c </proc/$p/comm || :
  [ "$c" = keepalived ] || exit
  s=$(keepalived --signum=JSON)
  case $s in '' | *[!0-9]*) exit ;; esac
  r=0
  while read -r k m; do
    case $k in SigBlk: | SigCgt:) r=$((r | 0x\${m#?} >> (s - 1) & 1)) ;; esac
  done </proc/$p/status
  [ "$r" = 1 ] || exit
  f=/proc/$p/root/tmp/keepalived.json
  b=$(stat -c '%u %f %i %z' -- "$f")
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    case $i in 1 | 6 | 11 | 16) kill -s "$s" "$p" || exit ;; esac
    a=$(stat -c '%u %f %i %z' -- "$f")
    [ "$a" = "$b" ] || break
    sleep 0.02
  done
  [ "$a" != "$b" ] || exit
  case $a in '0 8'*) head -c 1048576 -- "$f" ;; esac
  )`

const STATES: readonly VrrpInstance['state'][] = ['INIT', 'BACKUP', 'MASTER', 'FAULT']

/** Reads `[{"data": {"iname": "gateway", "state": 2, ...}, "stats": {...}}]`, null for anything else. */
function readDump(text: string): VrrpState | null {
  const list = parsed(text)
  if (!Array.isArray(list)) return null
  const instances = list.map((entry) => instanceOf(objectOf(objectOf(entry)['data'])))
  return instances.every((instance) => instance !== null) ? { instances } : null
}

function instanceOf(data: Readonly<Record<string, unknown>>): VrrpInstance | null {
  const {
    iname: name,
    ifp_ifname: device,
    vrid,
    base_priority: priority,
    effective_priority: effective,
  } = data
  if (typeof name !== 'string' || typeof device !== 'string' || !isByte(data['state'])) return null
  const state = STATES[data['state']]
  if (state === undefined || !isByte(vrid) || !isByte(priority) || !isByte(effective)) return null
  return { name, state, interface: device, virtualRouterId: vrid, priority, effectivePriority: effective }
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
