import { type Script, sh } from '../shell/script.js'

/**
 * Moves the program into a systemd scope named after the run, by which an abort finds all that it started, wherever its
 * parents went. A host without a system bus has no scope; what runs there still holds the work lock.
 */
export function enterScope(run: string): Script {
  return sh`
    if [ -S /run/dbus/system_bus_socket ]; then
      gw_scope=gw-run-${run}-$$.scope
      busctl call --quiet org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
        StartTransientUnit 'ssa(sv)a(sa(sv))' "$gw_scope" fail 2 PIDs au 1 $$ CollectMode s inactive-or-failed 0 || :
      gw_looks=0
      until case $(cat /proc/$$/cgroup) in *"$gw_scope"*) : ;; *) [ "$gw_looks" -ge 100 ] ;; esac; do
        gw_looks=$((gw_looks + 1))
        sleep 0.01
      done
    fi`
}

/** Ends everything that a run still does on a host, and fails unless nothing of it is left. */
export function endScopes(run: string): Script {
  const pattern = `gw-run-${run}-*.scope`
  return sh`
    systemctl kill --signal=SIGTERM -- ${pattern} 2>/dev/null || :
    looks=0
    while systemctl list-units --no-legend --plain --type=scope --state=active -- ${pattern} | grep -q .; do
      looks=$((looks + 1))
      [ "$looks" -ne 20 ] || systemctl kill --signal=SIGKILL -- ${pattern} 2>/dev/null || :
      if [ "$looks" -gt 60 ]; then
        echo 'something of run' ${run} 'still runs:' >&2
        systemctl status --no-pager --full --lines=0 -- ${pattern} >&2 || :
        exit 1
      fi
      sleep 0.1
    done`
}
