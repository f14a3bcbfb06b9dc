set -eu
chown --no-dereference -- root:root /etc/nginx/nginx.conf
chmod -- 0600 /etc/nginx/nginx.conf
