set -eu
if [ -d /etc/sysctl.d/60-gw-net.ipv4.ip_nonlocal_bind.conf ] && [ ! -L /etc/sysctl.d/60-gw-net.ipv4.ip_nonlocal_bind.conf ]; then
  echo 'a directory stands at' /etc/sysctl.d/60-gw-net.ipv4.ip_nonlocal_bind.conf >&2
  exit 1
fi
exec 9</etc/sysctl.d
if ! flock -w 60 9; then
  echo 'another program of gw is at work in' /etc/sysctl.d >&2
  exit 75
fi
rm -f -- /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged
trap 'rm -f -- /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077 && set -C && cat >/etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged)
sum=$(sha256sum </etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged)
if [ "${sum%% *}" != 3e1e429661d284a952d34385828669817aa7357b6a4224e5ee36fe045697f7b2 ]; then
  echo 'the content of' /etc/sysctl.d/60-gw-net.ipv4.ip_nonlocal_bind.conf 'did not arrive whole; nothing was changed' >&2
  exit 74
fi
chown --no-dereference -- root:root /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged
chmod -- 0644 /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged
sync -- /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged
mv -T -- /etc/sysctl.d/.60-gw-net.ipv4.ip_nonlocal_bind.conf.gw-staged /etc/sysctl.d/60-gw-net.ipv4.ip_nonlocal_bind.conf
sync -- /etc/sysctl.d
