import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { needsUnits, NOTHING_AT_BOOT, startAgain } from './units.js'

const KEEPALIVED = 'keepalived.service'

export const keepalivedStopped: Scenario = {
  name: 'keepalived-stopped',
  summary: 'keepalived is stopped on the gateway that has the virtual IP',
  risk: 'Its open connections are cut, as in every takeover',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: () => ({
    ready: needsUnits(['nginx.service', KEEPALIVED]),
    disturb: sh`systemctl stop --no-block ${KEEPALIVED}`,
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${startAgain(KEEPALIVED)}`,
  }),
}
