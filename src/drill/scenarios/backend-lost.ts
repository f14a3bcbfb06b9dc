import { answersOf, largestPool, losePackets, mainServers } from './packet-filter.js'
import type { Scenario } from './scenario.js'

export const backendLost: Scenario = {
  name: 'backend-lost',
  summary: 'One server of the largest pool does not answer any of the gateways any more',
  risk: 'Requests that go to it wait until NGINX gives it up and tries another',
  expects: 'stays',
  on: 'gateways',
  disturbs: ['upstreams'],
  reboots: false,
  disturbanceOn: ({ gateway }) => {
    const pool = largestPool(gateway)
    return losePackets((pool === null ? [] : mainServers(pool)).slice(-1).map(answersOf))
  },
}
