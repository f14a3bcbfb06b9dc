import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { killAll, needsUnits, NOTHING_AT_BOOT, startAgain } from './units.js'

const NGINX = 'nginx.service'

export const nginxKilled: Scenario = {
  name: 'nginx-killed',
  summary: 'NGINX is killed with all its workers on the gateway that has the virtual IP',
  risk: 'What it was answering is cut; systemd starts it again a second later',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits([NGINX, 'keepalived.service']),
    disturb: killAll(NGINX),
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${startAgain(NGINX)}`,
  }),
}
