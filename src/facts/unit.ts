import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** What to ask about a systemd unit; `name` with its suffix. */
interface UnitQuestion {
  readonly name: string
}

/** A unit as `systemctl show` describes it; times in seconds since 1970, `null` for never. */
export interface UnitState {
  /** loaded, not-found, masked, bad-setting, error. */
  readonly load: string
  /** active, reloading, inactive, failed, activating, deactivating, maintenance. */
  readonly active: string
  /** running, exited, dead, auto-restart and the like. */
  readonly sub: string
  /** enabled, disabled, static, masked and the like; empty when there is no unit file. */
  readonly enabled: string
  readonly needsDaemonReload: boolean
  /** 0 for none. */
  readonly mainPid: number
  /** When its start began. */
  readonly startedAt: number | null
  /** When it last changed its state; the end of a reload counts. */
  readonly changedAt: number | null
  /** Whether its last reload succeeded, true if there was none. */
  readonly reloaded: boolean
}

const PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'NeedDaemonReload',
  'MainPID',
  'InactiveExitTimestamp',
  'StateChangeTimestamp',
  'ReloadResult',
].join()

/** State of units, by one `systemctl show` (systemd 247 or later); `null` where systemd does not run. */
export const unitState: Fact<UnitQuestion, UnitState | null> = {
  name: 'unit',
  script: (args) =>
    sh`systemctl show --timestamp=us+utc --property=${PROPERTIES} -- ${args.map((arg) => arg.name)} || :`,
  parse(output, args) {
    if (output.trim() === '') return args.map(() => null)
    // A blank line stands between two units; in the order of the arguments.
    const blocks = output.trim().split(/\n\n+/)
    if (blocks.length !== args.length) {
      throw new Error(`systemctl described ${blocks.length} units where ${args.length} were asked for`)
    }
    return blocks.map(unitOf)
  },
}

function unitOf(block: string): UnitState {
  const properties = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const text = (name: string) => properties.get(name) ?? ''
  if (text('LoadState') === '') throw new Error('systemctl did not say whether a unit is loaded')
  return {
    load: text('LoadState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    enabled: text('UnitFileState'),
    needsDaemonReload: text('NeedDaemonReload') === 'yes',
    mainPid: Number(text('MainPID')),
    startedAt: secondsOf(text('InactiveExitTimestamp')),
    changedAt: secondsOf(text('StateChangeTimestamp')),
    reloaded: ['', 'success'].includes(text('ReloadResult')),
  }
}

/** Whether it does its work: also while it loads its configuration anew. */
export function isActive(unit: UnitState | null): boolean {
  return unit !== null && ['active', 'reloading'].includes(unit.active)
}

/** Reads `Sat 2026-11-21 13:50:02.402411 UTC`; empty and `n/a` mean never. */
function secondsOf(timestamp: string): number | null {
  if (timestamp === '' || timestamp === 'n/a') return null
  const [, day, time, fraction = ''] =
    /^\S+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC$/.exec(timestamp) ?? []
  if (day === undefined || time === undefined) throw new Error(`"${timestamp}" is not a time of systemd`)
  return Date.parse(`${day}T${time}Z`) / 1000 + Number(`0${fraction}`)
}
