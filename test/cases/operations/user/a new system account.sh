set -eu
if getent group gwprobe >/dev/null; then
  useradd --system --no-create-home --shell /usr/sbin/nologin --groups adm,ssl-cert --gid gwprobe -- gwprobe
else
  useradd --system --no-create-home --shell /usr/sbin/nologin --groups adm,ssl-cert --user-group -- gwprobe
fi
