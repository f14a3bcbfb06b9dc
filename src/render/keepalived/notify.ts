import { AUDIT_FILE } from '../../model/state-paths.js'
import { GIVES_AWAY, LIVENESS_STATE_FILE, NGINX_STATE_FILE } from './configuration.js'

/**
 * The script that keepalived runs at every change of VRRP state, in POSIX shell. keepalived does not wait for it, and
 * gives it a umask of 0177.
 */
export function notifyScript(): string {
  return SCRIPT
}

const SCRIPT = `#!/bin/sh
# Written by gw: changes made here are overwritten by the next deploy.
#
# keepalived runs this at every change of VRRP state, for example: vrrp-notify INSTANCE gateway MASTER 100
# It writes the change down in syslog and in the audit file, and does nothing else: an NGINX that was stopped on purpose
# stays stopped, and one that crashed is started again by systemd.
# Two changes close together run this side by side, so go by the time, not by the order of the lines.
set -u
export LC_ALL=C

audit=${AUDIT_FILE}

# Leaves only characters that mean nothing to JSON, to a terminal or to a reader of logs.
plain() { printf %s "$1" | tr -c 'A-Za-z0-9_.:-' '?' | cut -c 1-64; }

# What stands in a file that keepalived goes by: 0 for well.
read_state() {
  line=
  read -r line <"$1"
  printf %s "$line"
}

# One write, so that two at once do not mix.
record() {
  umask 022
  mkdir -p "\${audit%/*}" || return
  umask 027
  printf '{"time":"%s","host":"%s","event":"vrrp","instance":"%s","state":"%s","priority":%s,"nginx":"%s","answers":%s}\\n' \\
    "$time" "$host" "$instance" "$state" "$priority" "$nginx" "$answers" >>"$audit"
}

main() {
  time=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
  host=$(plain "$(uname -n)")
  instance=$(plain "\${2-}")
  state=$(plain "\${3-}")
  case \${4-} in
    '' | *[!0-9]* | 0?* | ????*) priority=null ;;
    *) priority=$4 ;;
  esac
  # A systemd or a syslog that hangs must not leave a process behind for each change.
  nginx=$(plain "$(timeout 2 systemctl is-active nginx.service)")
  [ -n "$nginx" ] || nginx=unknown

  # What systemd says of NGINX need not be why: a prober may have found that it hangs, gw may hand the address over.
  answers=null but='' gives=''
  case $(read_state ${LIVENESS_STATE_FILE}) in
    '') ;;
    0) [ "$nginx" != active ] || answers=true ;;
    ${GIVES_AWAY}) gives=', but gives the address away' ;;
    *) answers=false but=', but does not answer' ;;
  esac
  case $nginx$(read_state ${NGINX_STATE_FILE}) in
    active | active0) ;;
    active*) gives=', but gives the address away' ;;
  esac

  message="VRRP instance $instance is $state (priority $priority, nginx $nginx$but$gives)"
  record || message="$message, which could not be written to $audit"
  case $state in
    FAULT) severity=warning ;;
    *) severity=notice ;;
  esac
  timeout 2 logger -t gw-vrrp -p "daemon.$severity" -- "$message"
}

main "$@" >/dev/null 2>&1
exit 0
`
