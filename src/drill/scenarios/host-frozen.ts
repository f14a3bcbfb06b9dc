import { LIVENESS_STATE_FILE } from '../../render/keepalived/configuration.js'
import { LIVENESS_UNIT } from '../../render/liveness/unit.js'
import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { freeze, needsUnits, NOTHING_AT_BOOT, RESUME_FUNCTION } from './units.js'

const NGINX = 'nginx.service'
const KEEPALIVED = 'keepalived.service'

/** keepalived is held first: it must hear nothing of the others, and says nothing any more. */
const FREEZE_ORDER = [KEEPALIVED, LIVENESS_UNIT, NGINX]

/** How long the prober may take to see that NGINX answers again, in tenths of a second. */
const PATIENCE = 30

export const hostFrozen: Scenario = {
  name: 'host-frozen',
  summary:
    'The gateway that has the virtual IP stands still, as a paused machine does: NGINX, keepalived and prober',
  risk: 'Its open connections hang until the undo, and then two gateways have the virtual IP for a moment',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits(FREEZE_ORDER),
    disturb: freeze(FREEZE_ORDER),
    // keepalived comes last, when the prober has seen NGINX: systemd has replaced a prober that stood still, and the new one
    // has found that NGINX hangs.
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${RESUME_FUNCTION}
      failed=0
      resume ${NGINX} || failed=1
      resume ${LIVENESS_UNIT} || failed=1
      looks=0
      while [ "$looks" -lt ${PATIENCE} ] && [ "$(cat ${LIVENESS_STATE_FILE})" = 1 ]; do
        looks=$((looks + 1))
        sleep 0.1
      done
      resume ${KEEPALIVED} || failed=1
      exit "$failed"`,
  }),
}
