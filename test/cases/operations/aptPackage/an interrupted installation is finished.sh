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
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] || grep -q '^# gw:' "$policy"; then
trap 'rm -f -- "$policy"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
cat >"$policy" <<E
#!/bin/sh
# gw: while process $$ installs packages, nothing is started; without that process this file may be removed.
[ "\$2" != start ] || [ ! -d /proc/$$ ] || exit 101
E
chmod 0755 -- "$policy"
fi
install() { patient apt-get install --yes --quiet --no-install-recommends --no-remove --option=Dpkg::Use-Pty=0 --option=Dpkg::Options::=--force-confdef --option=Dpkg::Options::=--force-confold --option=DPkg::Lock::Timeout=5 -- nginx; }
patient dpkg --force-confdef --force-confold --configure --pending
refreshed=
if ! apt-cache show --no-all-versions -- nginx >/dev/null 2>&1; then
  patient apt-get update --quiet
  refreshed=yes
fi
if ! install; then
  [ -z "$refreshed" ] || exit 100
  patient apt-get update --quiet
  install
fi
case $(dpkg-query --show '--showformat=${db:Status-Abbrev}' -- nginx) in
  ?i*) ;;
  *) echo 'apt-get installed something else for' nginx >&2; exit 1 ;;
esac
