import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { needsUnits, NOTHING_AT_BOOT, startAgain } from './units.js'

const NGINX = 'nginx.service'

export const nginxStopped: Scenario = {
  name: 'nginx-stopped',
  summary: 'NGINX is stopped on the gateway that has the virtual IP',
  risk: 'Its open connections are cut, as in every takeover',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits([NGINX, 'keepalived.service']),
    disturb: sh`systemctl stop --no-block ${NGINX}`,
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${startAgain(NGINX)}`,
  }),
}
