set -eu
mkdir -p -- /var/lib/gw/releases /var/lib/gw
if [ -d /var/lib/gw/current ] && [ ! -L /var/lib/gw/current ]; then
  echo 'a directory stands at' /var/lib/gw/current >&2
  exit 1
fi
if [ -d /var/lib/gw/previous ] && [ ! -L /var/lib/gw/previous ]; then
  echo 'a directory stands at' /var/lib/gw/previous >&2
  exit 1
fi
exec 9</var/lib/gw/releases
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /var/lib/gw/releases >&2
  exit 75
fi
rm -rf -- /var/lib/gw/releases/.staged /var/lib/gw/.current.gw-staged /var/lib/gw/.previous.gw-staged
trap 'rm -rf -- /var/lib/gw/releases/.staged /var/lib/gw/.current.gw-staged /var/lib/gw/.previous.gw-staged' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
umask 077
mkdir -- /var/lib/gw/releases/.staged
cd /var/lib/gw/releases/.staged
mkdir -p -- nginx nginx/gw/pools nginx/gw nginx/gw/tls keepalived
head -c 17 >nginx/nginx.conf
cp -p -- /var/lib/gw/current/nginx/gw/pools/admin.conf nginx/gw/pools/admin.conf
cp -p -- /var/lib/gw/current/nginx/gw/tls/rsa.key nginx/gw/tls/rsa.key
head -c 13 >keepalived/keepalived.conf
umask 022
if ! printf '%s\n' '68186295f15d41a82e7a99b0b358aaf0709bfb9b504e6bd3ac9424ebcccb5879  nginx/nginx.conf' '76ad7582590684e6e745c4f52b7cb27344b0e891bdade90d63323d2c65bce589  nginx/gw/pools/admin.conf' 'd86254c94d8c0f69cf35d444db69238d8703cd76d7658d88c1f16d189d1bf73a  nginx/gw/tls/rsa.key' 'cda0e5adabe0e1053dad14881d33b144892fd862e7e3e80d24de55ed6146da56  keepalived/keepalived.conf' | sha256sum --check --quiet --strict; then
  echo 'the files of' /var/lib/gw/current 'did not arrive whole, or were changed meanwhile; nothing was changed' >&2
  exit 74
fi
chown -R -- root:root .
chmod -- 0644 nginx/nginx.conf nginx/gw/pools/admin.conf keepalived/keepalived.conf
chmod -- 0600 nginx/gw/tls/rsa.key
chmod -- 0700 nginx/gw/tls
chmod -- 0755 . nginx nginx/gw/pools nginx/gw keepalived
set +e
(
set -e
nginx -t -c /var/lib/gw/releases/.staged
)
status=$?
set -e
if [ "$status" != 0 ]; then
  echo 'the new' /var/lib/gw/current 'did not pass its test; nothing was changed' >&2
  exit "$status"
fi
sync -- nginx/nginx.conf nginx/gw/pools/admin.conf nginx/gw/tls/rsa.key keepalived/keepalived.conf . nginx nginx/gw/pools nginx/gw nginx/gw/tls keepalived
touch -c -- nginx/nginx.conf keepalived/keepalived.conf
release=/var/lib/gw/releases/$(date -u +%Y%m%dT%H%M%SZ)-$$
mv -T -- /var/lib/gw/releases/.staged "$release"
sync -- /var/lib/gw/releases
old=$(readlink -- /var/lib/gw/current) || old=
ln -s -- "$release" /var/lib/gw/.current.gw-staged
mv -T -- /var/lib/gw/.current.gw-staged /var/lib/gw/current
sync -- /var/lib/gw
case $old in
  /var/lib/gw/releases/*)
    ln -s -- "$old" /var/lib/gw/.previous.gw-staged
    mv -T -- /var/lib/gw/.previous.gw-staged /var/lib/gw/previous
    sync -- /var/lib/gw
    ;;
esac
kept=$(readlink -- /var/lib/gw/previous) || kept=
for old in /var/lib/gw/releases/[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z-*; do
  case ${old##*Z-} in '' | *[!0-9]*) continue ;; esac
  if [ ! -d "$old" ] || [ -L "$old" ]; then continue; fi
  case $old in "$release" | "$kept") continue ;; esac
  rm -rf -- "$old" || :
done
