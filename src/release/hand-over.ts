import { GIVES_AWAY, LIVENESS_STATE_FILE, NGINX_STATE_FILE } from '../render/keepalived/configuration.js'
import { type Script, sh } from '../shell/script.js'

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
    tell() {
      echo "$1" 1<>${file}
    }
    holds() {
      case $(ip -o addr show) in *' '${address}'/'*) ;; *) return 1 ;; esac
    }
    if holds; then
      looks=0
      while :; do
        tell ${state}
        holds || break
        looks=$((looks + 1))
        if [ "$looks" -gt 100 ]; then
          tell 0
          echo 'keepalived did not give' ${address} 'away within 5 seconds'
          exit 1
        fi
        sleep 0.05
      done
    fi`
}
