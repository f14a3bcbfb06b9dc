set -eu
if [ -d /etc/keepalived/auth ] && [ ! -L /etc/keepalived/auth ]; then
  echo 'a directory stands at' /etc/keepalived/auth >&2
  exit 1
fi
exec 9</etc/keepalived
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /etc/keepalived >&2
  exit 75
fi
rm -f -- /etc/keepalived/.auth.gw-staged
trap 'rm -f -- /etc/keepalived/.auth.gw-staged' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077 && set -C && cat >/etc/keepalived/.auth.gw-staged)
sum=$(sha256sum </etc/keepalived/.auth.gw-staged)
if [ "${sum%% *}" != 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 ]; then
  echo 'the content of' /etc/keepalived/auth 'did not arrive whole; nothing was changed' >&2
  exit 74
fi
chown --no-dereference -- root:root /etc/keepalived/.auth.gw-staged
chmod -- 0600 /etc/keepalived/.auth.gw-staged
sync -- /etc/keepalived/.auth.gw-staged
mv -T -- /etc/keepalived/.auth.gw-staged /etc/keepalived/auth
sync -- /etc/keepalived
