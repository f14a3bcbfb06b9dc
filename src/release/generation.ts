import { ORIGINAL_RELEASE } from '../model/release.js'
import { sh } from '../shell/script.js'

/**
 * Shell functions about units: `look UNIT` sets `state` (active, inactive, ...) and `pid` (0 for none), `is_active UNIT` says
 * whether it runs, `is_up UNIT` whether it runs or tries to. Where systemd does not answer nothing runs.
 */
export const UNIT_FUNCTIONS = sh`
  nl='
  '
  look() {
    shown=$(systemctl show --property=ActiveState,MainPID -- "$1") || shown=
    state=\${shown#*ActiveState=} pid=\${shown#*MainPID=}
    state=\${state%%"$nl"*} pid=\${pid%%"$nl"*}
  }
  is_up() {
    look "$1"
    case $state in inactive | failed | '') return 1 ;; esac
  }
  is_active() {
    look "$1"
    case $state in active | reloading) ;; *) return 1 ;; esac
  }`

/**
 * Shell function `reload_nginx`: has NGINX read its files anew, and succeeds when it has. A reload that NGINX refuses
 * ends well for everybody who asked for it: the master goes on with the workers that it had. What counts is that every
 * worker from before takes no connections any more, and that another one does. At most 8 s: a port that somebody has is
 * tried for 2.5 s. Called after a look at nginx.service.
 */
export const RELOAD_FUNCTION = sh`
  clock() {
    read -r now _ </proc/uptime
    now=\${now%.*}\${now#*.}
  }
  # The workers of $master that take connections; one that only finishes what it has bears another title.
  workers() {
    for file in $(grep -lszx 'nginx: worker process' /proc/[0-9]*/cmdline); do
      worker=\${file#/proc/} worker=\${worker%/cmdline}
      { read -r stat <"/proc/$worker/stat"; } 2>/dev/null || continue
      # Behind the name in brackets: its state, its parent.
      case \${stat##*') '} in ?" $master "*) printf ' %s' "$worker" ;; esac
    done
  }
  is_new_generation() {
    serving=$(workers)
    [ -n "$serving" ] || return 1
    for worker in $serving; do
      case "$old_workers " in *" $worker "*) return 1 ;; esac
    done
  }
  reload_nginx() {
    master=$pid
    old_workers=$(workers)
    systemctl reload nginx.service || return 1
    clock
    deadline=$((now + 800))
    until is_new_generation; do
      clock
      if [ ! -d "/proc/$master" ] || [ "$now" -ge "$deadline" ]; then return 1; fi
      sleep 0.02
    done
  }`

/**
 * Shell function `refresh_keepalived RELEASE RELEASE`: has keepalived, which runs, read its files anew, between two
 * releases. From a hand-made configuration to gw's or back it is restarted: keepalived 2.2.7 dies (double free) when it is
 * reloaded from one to the other and back.
 */
export const KEEPALIVED_FUNCTION = sh`
  refresh_keepalived() {
    case " $1 $2 " in
      *' '${ORIGINAL_RELEASE}' '*) systemctl restart keepalived.service ;;
      *) systemctl reload keepalived.service ;;
    esac
  }`
