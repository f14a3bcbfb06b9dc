import { AUDIT_FILE } from '../../model/state-paths.js'

/** Where keepalived finds the script that writes down its changes of state; mode 0755. */
export const NOTIFY_SCRIPT = '/usr/local/lib/gw/vrrp-notify'

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

# One write, so that two at once do not mix.
record() {
  umask 022
  mkdir -p "\${audit%/*}" || return
  umask 027
  printf '{"time":"%s","host":"%s","event":"vrrp","instance":"%s","state":"%s","priority":%s,"nginx":"%s"}\\n' \\
    "$time" "$host" "$instance" "$state" "$priority" "$nginx" >>"$audit"
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

  message="VRRP instance $instance is $state (priority $priority, nginx $nginx)"
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
