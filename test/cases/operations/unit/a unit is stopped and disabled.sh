set -eu
unit=nginx.service
if [ "$(systemctl show --property=NeedDaemonReload --value -- "$unit")" = yes ]; then
  systemctl daemon-reload
fi
systemctl disable --quiet -- "$unit"
systemctl stop -- "$unit"
