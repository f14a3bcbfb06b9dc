import { loadFleet, openReach } from '../../../src/cli/fleet.js'
import { HostSampler } from '../../../src/drill/host-sampler.js'

/* `sampler INVENTORY HOST ADDRESS INTERFACE`: looks at an address for ten minutes. Prints `looks` once it does. */
const [environment = '', limit = '', address = '', device = ''] = process.argv.slice(2)
const { hosts, typed } = await loadFleet({ environment, limit, forks: 1 })
const reach = openReach({ environment: typed, signal: new AbortController().signal })
const [host] = hosts
if (host === undefined) throw new Error(`the inventory has no ${limit}`)
await HostSampler.start(host, { reach, address, interface: device, forMs: 600_000, onEvent: () => undefined })
console.log('looks')
