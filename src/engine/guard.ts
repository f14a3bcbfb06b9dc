import { AUDIT_FILE, type StatePaths } from '../model/state-paths.js'
import type { Fence } from '../model/lock.js'
import { sh } from '../shell/script.js'
import { fencePrelude } from './lock/scripts.js'
import { enterScope } from './scope.js'

/** What stands before whatever changes a host in a run that holds the host's lock. */
export interface Guard {
  readonly paths: StatePaths
  readonly fence: Fence
  /** How long contents that the host waits for may take to arrive, in seconds: it holds the host's work lock meanwhile. */
  readonly patienceSeconds: number
}

/** Pure: the beginning of a changing program. Without a guard (hosts of which gw keeps no state) nothing is checked or written down. */
export function guardPrelude(guard: Guard | null): string {
  if (guard === null) return 'gw_note() { :; }; gw_uptime() { :; }'
  return [fencePrelude(guard.paths, guard.fence).text, enterScope(guard.fence.run).text, NOTE].join('\n')
}

/** Writes down how a task ended: `gw_note FIELDS STATUS`. A host that cannot (a full disk) is changed all the same. */
const NOTE = sh`
  gw_host=$(uname -n | tr -c 'A-Za-z0-9_.:\n-' '?')
  gw_uptime() {
    read -r gw_now gw_rest </proc/uptime
    gw_now=\${gw_now%.*}\${gw_now#*.}
  }
  gw_note() {
    gw_uptime
    printf '{"time":"%s","host":"%s",%s,"status":%s,"ms":%s}\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$gw_host" \
      "$1" "$2" "$(((gw_now - gw_since) * 10))" 2>/dev/null >>${AUDIT_FILE} || :
  }
  gw_uptime`.text

/** The fields of a task's line in the audit file, as JSON without its braces. */
export function noteOf(guard: Guard | null, task: string): string {
  return JSON.stringify({ event: 'task', run: guard?.fence.run ?? '', task }).slice(1, -1)
}
