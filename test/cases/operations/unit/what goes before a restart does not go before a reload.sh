set -eu
unit=nginx.service
if [ "$(systemctl show --property=NeedDaemonReload --value -- "$unit")" = yes ]; then
  systemctl daemon-reload
fi
fail() {
  systemctl status --no-pager --full --lines=0 -- "$unit" || :
  journalctl --unit="$unit" --lines=20 --no-pager --quiet || :
  exit 1
}
if [ "$(systemctl is-failed -- "$unit")" = failed ]; then systemctl reset-failed -- "$unit"; fi
systemctl reload-or-restart -- "$unit" || fail
looks=0 alike=0 last=
while [ "$alike" -lt 3 ]; do
  now=$(systemctl show --property=ActiveState,MainPID -- "$unit")
  case $now in
    *ActiveState=active*) if [ "$now" = "$last" ]; then alike=$((alike + 1)); else alike=1; fi ;;
    *ActiveState=activating* | *ActiveState=reloading*) alike=0 ;;
    *) fail ;;
  esac
  last=$now
  looks=$((looks + 1))
  [ "$looks" -lt 120 ] || fail
  sleep 0.25
done
