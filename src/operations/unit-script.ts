import { type Script, lines, sh } from '../shell/script.js'

/** What is to be done with a unit. `reload` starts or restarts it where a reload is not possible. */
export interface UnitActions {
  readonly daemonReload: boolean
  readonly enable?: boolean
  readonly run: 'leave' | 'stop' | 'reload' | 'restart'
  /** Run first when the unit is to be restarted and is active. */
  readonly beforeRestart?: Script
}

/** Compiles the actions; what was started, restarted or reloaded must then stay active, or its last log lines are shown. */
export function unitScript(name: string, { daemonReload, enable, run, beforeRestart }: UnitActions): Script {
  if (daemonReload && enable === undefined && run === 'leave') return sh`systemctl daemon-reload`
  return lines([
    sh`
      set -eu
      unit=${name}`,
    // Earlier tasks may have brought the unit or a drop-in.
    daemonReload
      ? sh`systemctl daemon-reload`
      : sh`
        if [ "$(systemctl show --property=NeedDaemonReload --value -- "$unit")" = yes ]; then
          systemctl daemon-reload
        fi`,
    ...(enable === undefined ? [] : [sh`systemctl ${enable ? 'enable' : 'disable'} --quiet -- "$unit"`]),
    ...(run === 'stop' ? [sh`systemctl stop -- "$unit"`] : []),
    ...(run === 'restart' && beforeRestart !== undefined ? [whileActive(beforeRestart)] : []),
    ...(run === 'reload' || run === 'restart' ? [begin(run), STAYS_ACTIVE] : []),
  ])
}

function whileActive(script: Script): Script {
  return lines([sh`if systemctl is-active --quiet -- "$unit"; then`, script, sh`fi`])
}

/** A unit that failed too often in a row would refuse to start before its failures are forgotten. */
function begin(run: 'reload' | 'restart'): Script {
  return sh`
    fail() {
      systemctl status --no-pager --full --lines=0 -- "$unit" || :
      journalctl --unit="$unit" --lines=20 --no-pager --quiet || :
      exit 1
    }
    if [ "$(systemctl is-failed -- "$unit")" = failed ]; then systemctl reset-failed -- "$unit"; fi
    systemctl ${run === 'restart' ? 'restart' : 'reload-or-restart'} -- "$unit" || fail`
}

/** Three looks in a row, a quarter of a second apart, must find it active with the same main process; 30 s at most. */
const STAYS_ACTIVE = sh`
  looks=0 alike=0 last=
  while [ "$alike" -lt 3 ]; do
    now=$(systemctl show --property=ActiveState,MainPID -- "$unit")
    case $now in
      *ActiveState=active*) if [ "$now" = "$last" ]; then alike=$((alike + 1)); else alike=1; fi ;;
      *ActiveState=activating* | *ActiveState=reloading*) alike=0 ;;
      *) fail ;;
    esac
    last=$now
    looks=$((looks + 1))
    [ "$looks" -lt 120 ] || fail
    sleep 0.25
  done`
