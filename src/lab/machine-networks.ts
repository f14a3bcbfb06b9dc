import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'

const USUAL_MTU = 1500

/** Name of the interface of the default route in the text of /proc/net/route, `null` when there is none. */
export function defaultRouteInterface(routes: string): string | null {
  const rows = routes.split('\n').map((line) => line.trim().split(/\s+/))
  return (
    rows.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0] ??
    null
  )
}

/**
 * How many bytes a packet may have on this machine's way out, at most 1500. A lab's network with a larger limit
 * would lose the packages that its hosts fetch.
 */
export async function wayOutMtu(): Promise<number> {
  try {
    const name = defaultRouteInterface(await readFile('/proc/net/route', 'utf8'))
    if (name === null) return USUAL_MTU
    const mtu = Number(await readFile(`/sys/class/net/${name}/mtu`, 'utf8'))
    return mtu >= 576 ? Math.min(mtu, USUAL_MTU) : USUAL_MTU
  } catch {
    // Not Linux: the engine runs in a machine of its own, with the usual limit.
    return USUAL_MTU
  }
}

/** IPv4 networks of this machine's interfaces in CIDR form, bridges of Docker's (whose subnets are known) left out. */
export function machineNetworks(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    name.startsWith('br-')
      ? []
      : addresses.flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : [])),
  )
}
