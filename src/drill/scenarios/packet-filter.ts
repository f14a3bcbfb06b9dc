import { isIPv4 } from 'node:net'
import type { Gateway, VirtualIp } from '../../model/gateway.js'
import type { Pool, Server } from '../../model/pool.js'
import { lines, type Script, sh } from '../../shell/script.js'
import type { Disturbance } from './scenario.js'

/** A table of nftables that only drills have; the kernel forgets it when the host goes down. */
const TABLE = 'inet gw_drill'
const EGRESS_TABLE = 'netdev gw_drill'

/** Before connections are tracked, and before whatever filters the host has itself. */
const HOOK = 'priority raw'

/** Packets of one sender that are lost on their way in. */
interface Lost {
  /** An address, or a name that the host knows. */
  readonly from: string
  /** Which of them, in words of nftables. */
  readonly match: string
}

/** Packets that come in are lost without an answer, as in a network that swallows them. */
export function losePackets(lost: readonly Lost[]): Disturbance {
  return filterBy(
    lines([
      sh`
        rules=
        lose() {
          addresses=$(getent ahosts "$1" | cut -d ' ' -f 1 | sort -u)
          if [ -z "$addresses" ]; then
            echo "this host knows no address of $1" >&2
            exit 1
          fi
          for address in $addresses; do
            case $address in *:*) family=ip6 ;; *) family=ip ;; esac
            rules="$rules $family saddr $address $2 drop;"
          done
        }`,
      ...lost.map(({ from, match }) => sh`lose ${from} ${match}`),
      sh`
        if [ -z "$rules" ]; then
          echo 'the inventory has nobody who could be lost' >&2
          exit 1
        fi
        chains=${`chain input { type filter hook input ${HOOK}; policy accept;`}"$rules };"`,
    ]),
  )
}

/**
 * All packets are lost, but for those of the host with itself, of SSH, and those by which neighbours are found: of these only
 * what is said of the virtual IP, or a host that still believes to have it would tell the network so every 30 s. keepalived
 * says it over a packet socket, past all filters but the last: where packets leave, for which Linux 5.16 is needed.
 */
export function loseAllBut(sshPort: number, { address, interface: device }: VirtualIp): Disturbance {
  const neighbours = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept;'
  const chain = (hook: string, way: string, port: string) =>
    `chain ${hook} { type filter hook ${hook} ${HOOK}; policy drop; ${way} lo accept; tcp ${port} ${sshPort} accept; ${neighbours} };`
  const cut = filterBy(sh`chains=${`${chain('input', 'iif', 'dport')} ${chain('output', 'oif', 'sport')}`}`)
  // Neighbours of IPv6 are not told by ARP.
  if (!isIPv4(address)) return cut
  const egress = `type filter hook egress device "${device}" priority filter; arp saddr ip ${address} drop;`
  const table = `table ${EGRESS_TABLE} { chain egress { ${egress} }; }`
  return {
    ready: lines([cut.ready, sh`nft --check ${table}`]),
    disturb: lines([cut.disturb, sh`nft ${table}`]),
    // In this order: as soon as it hears the other one's adverts, a host that wins tells the network, and not again for a second.
    undo: lines([sh`nft ${`add table ${EGRESS_TABLE}; delete table ${EGRESS_TABLE}`}`, cut.undo]),
  }
}

/** `chains` sets the variable of that name; the kernel is asked beforehand whether it would take them. */
function filterBy(chains: Script): Disturbance {
  return {
    ready: sh`
      if ! command -v nft >/dev/null; then
        echo 'nft is not installed; apt-get install nftables' >&2
        exit 1
      fi
      ${chains}
      nft --check ${`table ${TABLE}`}" { $chains }"`,
    disturb: sh`
      ${chains}
      nft ${`table ${TABLE}`}" { $chains }"`,
    // One step, whether or not it is there.
    undo: sh`nft ${`add table ${TABLE}; delete table ${TABLE}`}`,
  }
}

/** The pool with the most servers, without counting those that wait for the others to fail; null where there is none. */
export function largestPool({ pools }: Gateway): Pool | null {
  const [largest] = pools.toSorted((one, other) => mainServers(other).length - mainServers(one).length)
  return largest ?? null
}

/** Those that answer while nothing is wrong. */
export function mainServers({ servers }: Pool): readonly Server[] {
  return servers.filter(({ backup }) => !backup)
}

/** What a server sends back. */
export function answersOf({ address, port }: Server): Lost {
  return { from: address, match: `tcp sport ${port}` }
}
