set -eu
printf '%s\n' 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
now=$(tr -s '\t ' ' ' </proc/sys/net/ipv4/ip_nonlocal_bind)
if [ "$now" != 1 ]; then
  echo 'the kernel made' "$now" 'of the value' 1 >&2
  exit 1
fi
