import { NGINX_STATE_FILE } from '../render/keepalived/configuration.js'
import { type Script, sh } from '../shell/script.js'

/**
 * Has this host give a virtual IP away, if it holds it, as nginx.service does when it stops: keepalived follows the state
 * file. Fails after 5 s with the address still here, and the file as it was. Starting NGINX again tells that it serves.
 * @param address as `ip addr` shows it, without a prefix length
 */
export function handOver(address: string): Script {
  return sh`
    holds() {
      case $(ip -o addr show) in *' '${address}'/'*) ;; *) return 1 ;; esac
    }
    if holds; then
      echo 1 1<>${NGINX_STATE_FILE}
      looks=0
      while holds; do
        looks=$((looks + 1))
        if [ "$looks" -gt 100 ]; then
          echo 0 1<>${NGINX_STATE_FILE}
          echo 'keepalived did not give' ${address} 'away within 5 seconds; NGINX was not restarted'
          exit 1
        fi
        sleep 0.05
      done
    fi`
}
