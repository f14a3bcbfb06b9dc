set -eu
chown --no-dereference -- gw:root /var/lib/gw
chmod -- 0700 /var/lib/gw
