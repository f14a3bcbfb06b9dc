import { sh } from '../../shell/script.js'
import { loseAllBut } from './packet-filter.js'
import type { Scenario } from './scenario.js'
import { needsUnits } from './units.js'

export const hostCut: Scenario = {
  name: 'host-cut',
  summary:
    'The gateway that has the virtual IP is cut off from all: no packet comes in or goes out but those of SSH',
  risk: 'Its open connections hang until they time out, and whatever else the host does for others stands still until the undo',
  expects: 'moves',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: ({ gateway: { virtualIp }, host: { connection } }) => {
    const filter = loseAllBut(connection.port, virtualIp)
    return {
      ...filter,
      // Behind a forwarded port SSH would be cut as well, and only the host could undo it.
      ready: sh`
        ${needsUnits(['nginx.service', 'keepalived.service'])}
        if [ -z "$(ss -Htn state established ${`( sport = :${connection.port} )`})" ]; then
          echo 'no SSH connection comes in on the port' ${connection.port} 'of this host, so gw would be cut off as well' >&2
          exit 1
        fi
        ${filter.ready}`,
    }
  },
}
