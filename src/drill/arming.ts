import { AUDIT_FILE, type StatePaths } from '../model/state-paths.js'
import { atExit } from '../operations/at-exit.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'
import type { ScenarioName } from './scenarios/names.js'
import {
  bootUnit,
  BOOT_UNIT,
  drillTimer,
  drillUnit,
  GUARD_PATIENCE,
  isMineFunction,
  undoProgram,
} from './undo-program.js'

/** A fault on one host from before it is made until it is undone. */
export interface Arming {
  /** Id of the run. */
  readonly run: string
  /** Higher than that of any fault before of the same run. */
  readonly serial: number
  readonly scenario: ScenarioName
  /** What undoes it, as `Disturbance` has it. */
  readonly undo: Script
  /** After how long the host undoes it alone, in seconds. */
  readonly undoAfterSeconds: number
  readonly paths: StatePaths
  /** Absolute, as are those below; those of every real host unless said. */
  readonly auditFile?: string
  /** Where systemd looks for units at boot. */
  readonly unitFolder?: string
}

/** How long gw waits for an arming that was cut off and is still at work, in seconds: it asks again soon. */
const PATIENCE_OF_GW = 10

/** A fault is made by half of the time that is left, but never takes longer than this, in seconds. */
const LONGEST_DISTURBANCE = 20

/** Least time that must be left for a fault to be made, in hundredths of a second: one to make it, one to end what hangs. */
const LEAST_LEFT = 200

/**
 * Has the host undo what is about to be done by itself: by a timer when the time is over, and at boot. Fails when it does not
 * know that it will. The folder stands last, so that a host is armed as a whole or not at all.
 */
export function armScript(arming: Arming): Script {
  const { run, serial, scenario, undoAfterSeconds, paths } = arming
  const staged = stagedPath(paths.drill)
  const files = places(arming)
  return lines([
    sh`set -eu`,
    takeGuard(paths),
    refuseOver({ run, serial, paths }),
    refuseArmed(paths),
    sh`rm -rf -- ${staged}`,
    atExit(sh`
      rm -rf -- ${staged}
      [ -e ${paths.drill} ] || {
        rm -f -- ${[files.link, files.unit, stagedPath(files.unit)]}
        systemctl stop --quiet ${drillTimer(run)} 2>/dev/null || :
      }`),
    sh`
      mkdir -- ${staged}
      printf '%s\n' ${run} >${staged}/run
      printf '%s\n' ${scenario} >${staged}/scenario
      printf '%s\n' ${undoProgram({ ...arming, ...files }).text} >${staged}/undo`,
    enableBootUnit(paths, files),
    sh`
      read -r uptime _ </proc/uptime
      read -r boot </proc/sys/kernel/random/boot_id
      printf '%s %s\n' "$((\${uptime%.*}\${uptime#*.} + ${undoAfterSeconds * 100}))" "$boot" >${staged}/deadline
      sync -- ${staged}/* ${staged}`,
    startTimer(arming),
    // What is found there later is of this fault.
    sh`
      rm -f -- ${paths.drilled}
      mv -T -- ${staged} ${paths.drill}
      sync -- ${paths.root}`,
  ])
}

/**
 * Makes the fault on a host that is armed by this run and has time left for it; fails elsewhere, with nothing done. The last
 * line that it prints says when it was made, in seconds by the clock of the host.
 */
export function disturbScript({ run, scenario, paths }: Arming, disturb: Script): Script {
  return lines([
    sh`
      set -eu
      refuse() {
        echo "$1; nothing was disturbed" >&2
        exit 1
      }`,
    takeGuard(paths),
    isMineFunction(paths, run),
    sh`
      is_mine || refuse 'this host is not armed for this drill'
      read -r armed_scenario <${paths.drill}/scenario
      [ "$armed_scenario" = ${scenario} ] || refuse "this host is armed for $armed_scenario"
      systemctl is-active --quiet ${drillTimer(run)} || refuse 'the timer that undoes it does not run any more'
      read -r deadline armed_boot <${paths.drill}/deadline
      read -r boot </proc/sys/kernel/random/boot_id
      read -r uptime _ </proc/uptime
      left=$((deadline - \${uptime%.*}\${uptime#*.}))
      if [ "$armed_boot" != "$boot" ] || [ "$left" -lt ${LEAST_LEFT} ]; then
        refuse 'the time is over after which the host undoes it'
      fi
      limit=$((left / ${LEAST_LEFT}))
      [ "$limit" -le ${LONGEST_DISTURBANCE} ] || limit=${LONGEST_DISTURBANCE}
      status=0
      made=$(date +%s.%N)
      timeout -k 1 "$limit" sh -euc ${disturb.text} disturb || status=$?
      if [ "$status" != 0 ]; then
        [ "$status" != 124 ] || echo "the fault was not made within $limit s" >&2
        exit "$status"
      fi
      echo "$made"`,
  ])
}

/**
 * Undoes what a run has done, for gw. Does nothing where nothing is to be undone. Fails, and leaves the host armed, when it
 * could not be undone. An arming that was cut off goes on by itself: what was not armed before this has ended never is.
 */
export function undoScript({ run, serial, paths }: Pick<Arming, 'run' | 'serial' | 'paths'>): Script {
  // The undo takes the guard itself.
  return lines([
    sh`
      {
        mkdir -p -- ${paths.root} && command exec 7>>${paths.drillGuard} && flock -w ${PATIENCE_OF_GW} 7 &&
          echo ${run} ${serial} >${paths.drillGuard} && is_over=yes
      } || is_over=no
      command exec 7>&-`,
    isMineFunction(paths, run),
    sh`
      if is_mine; then
        sh ${paths.drill}/undo gw ${run}
      elif [ "$is_over" = no ]; then
        echo 'this host may still be armed by what is at work there' >&2
        exit 1
      fi`,
  ])
}

interface Places {
  readonly auditFile: string
  readonly unit: string
  /** What enables the unit. */
  readonly link: string
}

function places({ auditFile = AUDIT_FILE, unitFolder = '/etc/systemd/system' }: Arming): Places {
  return {
    auditFile,
    unit: `${unitFolder}/${BOOT_UNIT}`,
    link: `${unitFolder}/multi-user.target.wants/${BOOT_UNIT}`,
  }
}

/** Whatever arms, disturbs or undoes does so after the other; all that it starts has the lock as well. */
function takeGuard({ root, drillGuard }: StatePaths): Script {
  return sh`
    mkdir -p -- ${root}
    exec 7>>${drillGuard}
    if ! flock -w ${GUARD_PATIENCE} 7; then
      echo 'another drill is at work on this host' >&2
      exit 1
    fi`
}

/** The guard's file says which fault gw has undone last, whether or not it was armed. */
function refuseOver({ run, serial, paths }: Pick<Arming, 'run' | 'serial' | 'paths'>): Script {
  return sh`
    over_run='' over=''
    { read -r over_run over <${paths.drillGuard}; } 2>/dev/null || :
    if [ "$over_run" = ${run} ] && [ "$over" -ge ${serial} ]; then
      echo 'gw has undone this fault already; nothing was armed' >&2
      exit 1
    fi`
}

function refuseArmed({ drill }: StatePaths): Script {
  return sh`
    if [ -e ${drill} ]; then
      armed_run=unknown armed_scenario=unknown
      { read -r armed_run <${drill}/run; } 2>/dev/null || :
      { read -r armed_scenario <${drill}/scenario; } 2>/dev/null || :
      printf 'the fault %s of the drill %s is still armed on this host\n' "$armed_scenario" "$armed_run" >&2
      exit 1
    fi`
}

/** By its files alone, without `systemctl enable`: systemd reads them at boot, and need not read all others anew now. */
function enableBootUnit(paths: StatePaths, { unit, link }: Places): Script {
  const folder = link.slice(0, link.lastIndexOf('/'))
  const staged = stagedPath(unit)
  return sh`
    mkdir -p -- ${folder}
    printf '%s' ${bootUnit(paths)} >${staged}
    sync -- ${staged}
    mv -T -- ${staged} ${unit}
    ln -sfn -- ${`../${BOOT_UNIT}`} ${link}
    sync -- ${folder}
    if [ "$(systemctl is-enabled ${BOOT_UNIT})" != enabled ]; then
      echo 'systemd would not undo it at boot:' ${BOOT_UNIT} 'is not enabled' >&2
      exit 1
    fi`
}

/** A unit of the same name may stand from a fault before in the same run. */
function startTimer({ run, scenario, undoAfterSeconds, paths }: Arming): Script {
  const unit = drillUnit(run)
  const timer = drillTimer(run)
  const options = [
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    `--description=Undo ${scenario} of a drill unless gw has`,
    `--on-active=${undoAfterSeconds}s`,
    '--timer-property=AccuracySec=100ms',
    '--property=Restart=on-failure',
    '--property=RestartSec=1s',
    '--property=StartLimitIntervalSec=0',
  ]
  const command = '[ ! -e "$0" ] || exec /bin/sh "$0" host "$1"'
  return sh`
    systemctl stop --quiet ${[timer, `${unit}.service`]} 2>/dev/null || :
    systemd-run ${options} -- /bin/sh -c ${command} ${paths.drill}/undo ${run}
    if ! systemctl is-active --quiet ${timer}; then
      echo 'systemd would not undo it in time:' ${timer} 'does not run' >&2
      exit 1
    fi`
}
