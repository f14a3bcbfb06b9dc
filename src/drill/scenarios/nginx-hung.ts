import { sh } from '../../shell/script.js'
import { LIVENESS_UNIT } from '../../render/liveness/unit.js'
import type { Scenario } from './scenario.js'
import { freeze, needsUnits, NOTHING_AT_BOOT, RESUME_FUNCTION } from './units.js'

const NGINX = 'nginx.service'

export const nginxHung: Scenario = {
  name: 'nginx-hung',
  summary: 'NGINX is held (SIGSTOP) with all its workers on the gateway that has the virtual IP',
  risk: 'Requests wait for nothing until the prober of the host sees it, and open connections hang until the undo',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits([NGINX, 'keepalived.service', LIVENESS_UNIT]),
    disturb: freeze([NGINX]),
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${RESUME_FUNCTION}
      resume ${NGINX}`,
  }),
}
