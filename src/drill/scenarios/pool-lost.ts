import { answersOf, largestPool, losePackets } from './packet-filter.js'
import type { Scenario } from './scenario.js'

export const poolLost: Scenario = {
  name: 'pool-lost',
  summary: 'No server of the largest pool answers any of the gateways any more',
  risk: 'Its routes answer with errors until the undo; moving the virtual IP would help nobody',
  expects: 'stays',
  on: 'gateways',
  disturbs: ['upstreams'],
  reboots: false,
  disturbanceOn: ({ gateway }) => losePackets((largestPool(gateway)?.servers ?? []).map(answersOf)),
}
