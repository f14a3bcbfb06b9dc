import { passOn } from '../../release/hand-over.js'
import { GIVES_AWAY, LIVENESS_STATE_FILE } from '../../render/keepalived/configuration.js'
import { sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'
import { needsUnits } from './units.js'

export const handover: Scenario = {
  name: 'handover',
  summary: 'The gateway that has the virtual IP passes it on, as `gw failover` has it do',
  risk: 'Its open connections are cut, as in every takeover',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: ({ gateway: { virtualIp } }) => ({
    ready: needsUnits(['nginx.service', 'keepalived.service']),
    disturb: passOn(virtualIp.address),
    // Only a handover that was ended half-way leaves anything: a host that gives the address away for as long.
    undo: sh`
      if [ "$(cat ${LIVENESS_STATE_FILE} 2>/dev/null)" = ${GIVES_AWAY} ]; then
        echo 0 1<>${LIVENESS_STATE_FILE}
      fi`,
  }),
}
