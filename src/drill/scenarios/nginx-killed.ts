import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { killAll, needsUnits, NOTHING_AT_BOOT, RESUME_FUNCTION, startAgain } from './units.js'

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
    // One that was held and not killed any more goes on.
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${RESUME_FUNCTION}
      resume ${NGINX}
      ${startAgain(NGINX)}`,
  }),
}
