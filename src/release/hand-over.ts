import { isIPv4 } from 'node:net'
import { GIVES_AWAY, LIVENESS_STATE_FILE, NGINX_STATE_FILE } from '../render/keepalived/configuration.js'
import { type Script, sh } from '../shell/script.js'

/**
 * How long the holder lets in no new connection before it gives the address away, in seconds: what it has let in is answered
 * by then. As long as that, nobody is let in at all.
 */
const HOLD_OFF_SECONDS = 0.01

/** By then the kernel itself lets new connections in again, whatever became of this program. */
const LONGEST_HOLD_OFF = '1s'

const TABLE = 'inet gw_handover'

/**
 * Has this host give a virtual IP away, if it holds it, as nginx.service does when it stops: keepalived follows the state
 * file. Fails after 5 s with the address still here, and the file as it was. Starting NGINX again tells that it serves.
 * @param address as `ip addr` shows it, without a prefix length
 */
export function handOver(address: string): Script {
  return giveAway(address, NGINX_STATE_FILE, 1)
}

/**
 * The same while NGINX goes on: once the address is gone the host stands by again, and does not take it back from whoever
 * has it. Killed at any point it does so within a second, since the prober tells keepalived what it thinks once a second.
 */
export function passOn(address: string): Script {
  return sh`
    ${giveAway(address, LIVENESS_STATE_FILE, GIVES_AWAY)}
    echo 0 1<>${LIVENESS_STATE_FILE}`
}

/** It is told at every look: the file may have an owner who writes it over. */
function giveAway(address: string, file: string, state: number): Script {
  return sh`
    ${holdOff(address)}
    tell() {
      echo "$1" 1<>${file}
    }
    holds() {
      case $(ip -o addr show) in *' '${address}'/'*) ;; *) return 1 ;; esac
    }
    if holds; then
      hold_off
      looks=0
      while :; do
        tell ${state}
        holds || break
        looks=$((looks + 1))
        if [ "$looks" -gt 100 ]; then
          tell 0
          let_in
          echo 'keepalived did not give' ${address} 'away within 5 seconds'
          exit 1
        fi
        sleep 0.05
      done
      let_in
    fi`
}

/**
 * Only the first packet of a connection is dropped, which the client's system sends again a second later: to whoever has the
 * address then. A host that has no nftables gives the address away without it.
 */
function holdOff(address: string): Script {
  const [type, protocol] = isIPv4(address) ? ['ipv4_addr', 'ip'] : ['ipv6_addr', 'ip6']
  const held = `set held { type ${type}; flags timeout; }`
  const drop = `tcp flags & (syn | ack) == syn ${protocol} daddr @held drop`
  const input = `chain input { type filter hook input priority -150; ${drop}; }`
  // A table that a killed program left is replaced, all at once. The kernel takes longer for it than for what comes into it.
  const table = `table ${TABLE}; delete table ${TABLE}; table ${TABLE} { ${held}; ${input}; }`
  const element = `add element ${TABLE} held { ${address} timeout ${LONGEST_HOLD_OFF} }`
  return sh`
    hold_off() {
      nft ${table} 2>/dev/null && nft ${element} 2>/dev/null || return 0
      sleep ${HOLD_OFF_SECONDS}
    }
    let_in() {
      nft ${`delete table ${TABLE}`} 2>/dev/null || :
    }`
}
