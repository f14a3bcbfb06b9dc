import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { needsUnits, NOTHING_AT_BOOT } from './units.js'

const UNITS = ['nginx.service', 'keepalived.service']
const REBOOT = 'gw-drill-reboot'

export const reboot: Scenario = {
  name: 'reboot',
  summary: 'The gateway that has the virtual IP reboots',
  risk: 'The peer is alone until the host is back, which may take minutes, and everything on the host ends',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: true,
  disturbanceOn: () => ({
    ready: sh`
      ${needsUnits(UNITS)}
      for unit in ${UNITS}; do
        if ! systemctl is-enabled --quiet "$unit"; then
          echo "$unit would not start at boot" >&2
          exit 1
        fi
      done`,
    // A moment later, so that whoever asked hears how this ended.
    disturb: sh`
      systemd-run --quiet --collect --unit=${REBOOT} --on-active=200ms --timer-property=AccuracySec=10ms \
        systemctl reboot`,
    undo: sh`
      ${NOTHING_AT_BOOT}
      systemctl stop --quiet ${[`${REBOOT}.timer`, `${REBOOT}.service`]} 2>/dev/null || :
      if [ "$(systemctl is-system-running)" = stopping ]; then
        echo 'the host is going down: its boot undoes this' >&2
        exit 1
      fi`,
  }),
}
