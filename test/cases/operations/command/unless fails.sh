set -e
touch /etc/once
