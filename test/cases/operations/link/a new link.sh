set -eu
if [ -d /var/lib/gw/current ] && [ ! -L /var/lib/gw/current ]; then
  echo 'a directory stands at' /var/lib/gw/current >&2
  exit 1
fi
exec 9</var/lib/gw
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /var/lib/gw >&2
  exit 75
fi
rm -f -- /var/lib/gw/.current.gw-staged
trap 'rm -f -- /var/lib/gw/.current.gw-staged' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
ln -s -- releases/v1.2 /var/lib/gw/.current.gw-staged
mv -T -- /var/lib/gw/.current.gw-staged /var/lib/gw/current
sync -- /var/lib/gw
