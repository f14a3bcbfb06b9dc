import type { StatePaths } from '../model/state-paths.js'
import { audit } from '../operations/audit.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'
import type { ScenarioName } from './scenarios/names.js'

/** The unit that undoes a drill's fault at boot. */
export const BOOT_UNIT = 'gw-drill-undo.service'

/** How long whatever arms, disturbs or undoes a host waits for another that does, in seconds: longer than any may take. */
export const GUARD_PATIENCE = 40

/** How long a scenario's undo may take, in seconds. */
const LONGEST_UNDO = 30

/** The unit by which a host undoes a drill's fault alone; its timer has the same name. */
export function drillUnit(run: string): string {
  return `gw-drill-${run}`
}

export function drillTimer(run: string): string {
  return `${drillUnit(run)}.timer`
}

/** Shell function `is_mine`: whether a fault is armed, and it is that of this run. */
export function isMineFunction({ drill }: StatePaths, run: string): Script {
  return sh`
    is_mine() {
      { read -r armed_run <${drill}/run; } 2>/dev/null && [ "$armed_run" = ${run} ]
    }`
}

/** What is known of a fault when it is armed; paths are absolute. */
interface Undoing {
  readonly run: string
  readonly scenario: ScenarioName
  readonly undo: Script
  readonly paths: StatePaths
  readonly auditFile: string
  /** The unit that undoes it at boot, and the link that enables it. */
  readonly unit: string
  readonly link: string
}

/**
 * The program `drill/undo`, run as `sh undo gw|host|boot|takeover [RUN]`: undoes the fault and disarms the host. Needs nothing
 * of gw's and may be killed and begun anew at any point. Ends with 1, and leaves the host armed, when the fault could not be
 * undone, so that the timer's unit and whoever takes over try again.
 */
export function undoProgram(undoing: Undoing): Script {
  const { run, scenario, undo, paths } = undoing
  return lines([
    sh`
      # Written by gw: undoes the fault that a drill made on this host.
      set -eu
      by=$1
      case $by in gw | host | boot | takeover) ;; *) exit 2 ;; esac
      # A timer that was left behind means another fault.
      [ "\${2-${run}}" = ${run} ] || exit 0`,
    isMineFunction(paths, run),
    sh`
      # What must not be is a fault that nobody undoes: a guard that cannot be had keeps nobody from it.
      command exec 7>>${paths.drillGuard} && flock -w ${GUARD_PATIENCE} 7 || :
      is_mine || exit 0
      export by
      if ! timeout -k 1 ${LONGEST_UNDO} sh -euc ${undo.text} undo; then
        echo ${`${scenario} could not be undone; the host tries again`} >&2
        exit 1
      fi`,
    writeDown(undoing),
    disarm(undoing),
  ])
}

/** A full disk must not keep the host from being disarmed. */
function writeDown({ run, scenario, paths, auditFile }: Undoing): Script {
  const known = JSON.stringify({ run, scenario }).slice(1, -1)
  const staged = stagedPath(paths.drilled)
  return sh`
    {
      printf '{"time":"%s",%s,"by":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${known} "$by" >${staged} &&
        mv -T -- ${staged} ${paths.drilled}
    } || :
    ${audit({ event: 'drill.undone', run, scenario }, auditFile, sh`"\"by\":\"$by\""`)}`
}

/** First the folder goes, in one step; without it neither the unit nor the timer has work to do. */
function disarm({ run, paths, unit, link }: Undoing): Script {
  const old = `${paths.drill}.old`
  return sh`
    rm -rf -- ${old}
    mv -T -- ${paths.drill} ${old}
    sync -- ${paths.root} || :
    rm -rf -- ${old} ${[link, unit]} || :
    systemctl stop --quiet ${drillTimer(run)} 2>/dev/null || :`
}

/** NGINX and keepalived come after it, and so find the host as it was. */
export function bootUnit({ root, drill }: StatePaths): string {
  const program = `${drill}/undo`
  return `# Written by gw: undoes the fault of a drill, and goes with it.

[Unit]
Description=Undo the fault of a drill of gw
ConditionPathExists=${program}
RequiresMountsFor=${root}
Before=nginx.service keepalived.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/sh ${program} boot
TimeoutStartSec=120s
Restart=on-failure
RestartSec=1s

[Install]
WantedBy=multi-user.target
`
}
