import { AUDIT_FILE } from '../model/state-paths.js'
import { VRRP_INSTANCE } from '../render/keepalived/configuration.js'
import { frame } from '../shell/frames.js'
import { Script, sh } from '../shell/script.js'

/** A change of keepalived's state. `at` is in milliseconds since 1970 by the host's clock. */
export interface VrrpTransition {
  readonly at: number
  readonly state: string
}

/** How much later than keepalived's own word the record in the audit file may be, in milliseconds. */
const RECORDED_WITHIN_MS = 5000

/** More changes than a drill makes; a host whose keepalived changes all the time tells the latest ones. */
const MOST_LINES = 1000

/**
 * Prints what keepalived and its notify script wrote down since a time in milliseconds since 1970 by the host's clock, in two
 * frames: `journal` and `audit`.
 */
export function vrrpLogsScript(since: number): Script {
  const words = ['-q', '--no-pager', '-u', 'keepalived.service', `--since=@${Math.floor(since / 1000)}`]
  const shape = ['-o', 'json', '--output-fields=MESSAGE,__REALTIME_TIMESTAMP']
  return sh`
    timeout 5 journalctl --sync 2>/dev/null
    timeout 5 journalctl ${words} ${shape} 2>/dev/null | grep -F Entering | tail -n ${MOST_LINES}
    ${new Script(frame('journal'))}
    tail -n ${MOST_LINES} ${AUDIT_FILE} 2>/dev/null | grep -F ${'"event":"vrrp"'}
    ${new Script(frame('audit'))}`
}

interface VrrpLogs {
  /** Lines of `journalctl -o json` of keepalived. */
  readonly journal: string
  /** Lines of the audit file. */
  readonly audit: string
  /** What was before does not count, in milliseconds since 1970 by the host's clock. */
  readonly since: number
}

/**
 * Pure: the changes in the journal; where it begins later, as after a boot of a host that keeps none, in the audit file.
 * In their order. Lines of any other kind say nothing.
 */
export function vrrpTransitions({ journal, audit, since }: VrrpLogs): VrrpTransition[] {
  const isSince = ({ at }: VrrpTransition): boolean => at >= since
  const told = linesOf(journal).flatMap(journalTransition).filter(isSince)
  const begin = Math.min(...told.map(({ at }) => at))
  const recorded = linesOf(audit).flatMap(auditTransition).filter(isSince)
  const before = recorded.filter(({ at, state }) => at < begin && !isTold(told, at, state))
  return [...before, ...told].sort((one, other) => one.at - other.at)
}

function isTold(told: readonly VrrpTransition[], at: number, state: string): boolean {
  return told.some((each) => each.state === state && Math.abs(at - each.at) < RECORDED_WITHIN_MS)
}

const ENTERS = new RegExp(`^\\(${VRRP_INSTANCE}\\) Entering (MASTER|BACKUP|FAULT) STATE`)

function journalTransition({ MESSAGE: message, __REALTIME_TIMESTAMP: time }: Line): VrrpTransition[] {
  const state = typeof message === 'string' ? ENTERS.exec(message)?.[1] : undefined
  const at = typeof time === 'string' && /^\d{1,17}$/.test(time) ? Number(time) / 1000 : NaN
  return state === undefined || Number.isNaN(at) ? [] : [{ at, state }]
}

function auditTransition({ event, instance, state, time }: Line): VrrpTransition[] {
  if (event !== 'vrrp' || instance !== VRRP_INSTANCE) return []
  const at = typeof time === 'string' && /^\d{4}-/.test(time) ? Date.parse(time) : NaN
  const isState = state === 'MASTER' || state === 'BACKUP' || state === 'FAULT'
  return isState && !Number.isNaN(at) ? [{ at, state }] : []
}

type Line = Readonly<Record<string, unknown>>

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line) as Line | null
      return value === null ? [] : [value]
    } catch {
      return []
    }
  })
}
