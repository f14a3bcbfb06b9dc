import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { killAll, needsUnits, NOTHING_AT_BOOT, RESUME_FUNCTION, startAgain } from './units.js'

const KEEPALIVED = 'keepalived.service'

/** Held before it is killed: a child whose parent alone has ended would take the address away. */
export const keepalivedKilled: Scenario = {
  name: 'keepalived-killed',
  summary: 'keepalived is killed on the gateway that has the virtual IP, and leaves the address behind',
  risk: 'For a moment two gateways have the virtual IP, until systemd has started keepalived again',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits(['nginx.service', KEEPALIVED]),
    disturb: killAll(KEEPALIVED),
    // One that was held and not killed any more goes on.
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${RESUME_FUNCTION}
      resume ${KEEPALIVED}
      ${startAgain(KEEPALIVED)}`,
  }),
}
