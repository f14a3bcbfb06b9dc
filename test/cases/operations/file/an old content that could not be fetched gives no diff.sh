set -eu
if [ -d /etc/nginx/nginx.conf ] && [ ! -L /etc/nginx/nginx.conf ]; then
  echo 'a directory stands at' /etc/nginx/nginx.conf >&2
  exit 1
fi
exec 9</etc/nginx
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /etc/nginx >&2
  exit 75
fi
rm -f -- /etc/nginx/.nginx.conf.gw-staged
trap 'rm -f -- /etc/nginx/.nginx.conf.gw-staged' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077 && set -C && cat >/etc/nginx/.nginx.conf.gw-staged)
sum=$(sha256sum </etc/nginx/.nginx.conf.gw-staged)
if [ "${sum%% *}" != 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 ]; then
  echo 'the content of' /etc/nginx/nginx.conf 'did not arrive whole; nothing was changed' >&2
  exit 74
fi
chown --no-dereference -- root:root /etc/nginx/.nginx.conf.gw-staged
chmod -- 0644 /etc/nginx/.nginx.conf.gw-staged
sync -- /etc/nginx/.nginx.conf.gw-staged
mv -T -- /etc/nginx/.nginx.conf.gw-staged /etc/nginx/nginx.conf
sync -- /etc/nginx
