set -eu
export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
holders() {
  awk '$2 == "POSIX" { print $5 }' /proc/locks | sort -u | while read -r pid; do
    for open in "/proc/$pid/fd/"*; do
      for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        if [ "$open" -ef "$lock" ]; then
          echo "process $pid ($(cat "/proc/$pid/comm")) holds $lock"
        fi
      done
    done
  done
}
deadline=$(($(date +%s) + 60))
patient() {
  while :; do
    while held=$(holders); [ -n "$held" ]; do
      if [ "$(date +%s)" -ge "$deadline" ]; then
        printf '%s\n' "$held" 'waited 60 seconds for it in vain' >&2
        exit 75
      fi
      sleep 1
    done
    if "$@" </dev/null; then return 0; else status=$?; fi
    [ -n "$(holders)" ] || return "$status"
  done
}
patient apt-mark --quiet unhold -- nginx
