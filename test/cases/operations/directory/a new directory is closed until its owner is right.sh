set -eu
mkdir -p -- /var/lib
[ -d /var/lib/gw ] || mkdir -m 0700 -- /var/lib/gw
chown --no-dereference -- root:www-data /var/lib/gw
chmod -- 0750 /var/lib/gw
