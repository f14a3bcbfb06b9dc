import { sh } from '../../shell/script.js'
import { losePackets } from './packet-filter.js'
import type { Scenario } from './scenario.js'
import { needsUnits } from './units.js'

const VRRP = 'meta l4proto 112'

export const peerCut: Scenario = {
  name: 'peer-cut',
  summary: "The gateways do not hear each other's VRRP any more, while all else goes on",
  risk: 'Several gateways have the virtual IP until the undo: connections break as often as the network changes its mind',
  expects: 'splits',
  on: 'gateways',
  disturbs: [],
  reboots: false,
  disturbanceOn: ({ gateway: { virtualIp }, peers }) => {
    const addresses = peers.flatMap(({ name }) => virtualIp.addresses[name] ?? [])
    const filter = losePackets(addresses.map((from) => ({ from, match: VRRP })))
    return {
      ...filter,
      ready: sh`
        ${needsUnits(['nginx.service', 'keepalived.service'])}
        ${filter.ready}`,
    }
  },
}
