import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'

/** A TCP socket that listens. */
export interface Listener {
  /** `0.0.0.0`, `*` (all, IPv6 too), `[::]`, or one address; IPv6 without brackets. */
  readonly address: string
  readonly port: number
  /** Connections that wait to be accepted, and how many may. */
  readonly queued: number
  readonly backlog: number
  /** Connections dropped because too many waited, since the socket is there; and while the host was asked. */
  readonly dropped: number
  readonly droppedNow: number
  /** Names of the programs that have it, without repetition. */
  readonly programs: readonly string[]
}

interface ListenersQuestion {
  readonly ports: readonly number[]
}

/**
 * Sockets that listen on these ports, of IPv4 and IPv6. The kernel counts for each socket what it dropped since it is
 * there, which a reload of NGINX leaves as it is; so one that has never dropped anything is not looked at twice.
 */
export const listeners: Fact<ListenersQuestion, readonly Listener[]> = {
  name: 'listeners',
  script: (args) => lines(args.map(listenersScript)),
  parse(output, args) {
    const samples = output.split(/^--\n/m).slice(0, -1)
    if (samples.length !== 2 * args.length) throw new Error('the answer about listeners is not whole')
    return args.map((_arg, index) => readListeners(samples[2 * index] ?? '', samples[2 * index + 1] ?? ''))
  },
}

function listenersScript({ ports }: ListenersQuestion): Script {
  const filter = ports.map((port) => `sport = :${port}`).join(' or ')
  return sh`
    (
    s=$(ss -HOltnpm ${filter}) || exit
    printf '%s\n--\n' "$s"
    case $s in
      *,d[1-9]*)
        sleep 0.05
        ss -HOltnm ${filter}
        ;;
    esac
    echo --
    )`
}

type Sample = Omit<Listener, 'droppedNow'>

function readListeners(first: string, second: string): Listener[] {
  const later = socketsIn(second)
  return socketsIn(first).map((socket, index, all) => {
    // Several sockets may share an address; they keep their order.
    const same = ({ address, port }: Sample) => address === socket.address && port === socket.port
    const place = all.slice(0, index).filter(same).length
    const dropped = later.filter(same)[place]?.dropped ?? socket.dropped
    return { ...socket, droppedNow: Math.max(0, dropped - socket.dropped) }
  })
}

/** Reads lines such as `LISTEN 0 511 0.0.0.0:443 0.0.0.0:* users:(("nginx",pid=7,fd=5)) skmem:(r0,rb131072,...,d0)`. */
function socketsIn(sample: string): Sample[] {
  return sample
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, queued, backlog, address = '', port, rest = ''] =
        /^LISTEN +(\d+) +(\d+) +(\S+):(\d+) +\S+(.*)$/.exec(line) ?? []
      if (port === undefined) throw new Error(`"${line}" is no socket that listens`)
      return {
        address: address === '[::]' ? address : address.replaceAll(/[[\]]/g, ''),
        port: Number(port),
        queued: Number(queued),
        backlog: Number(backlog),
        dropped: Number(/\bskmem:\([^)]*,d(\d+)\)/.exec(rest)?.[1] ?? 0),
        programs: [
          ...new Set([...rest.matchAll(/\("([^"]*)",pid=\d+,fd=\d+\)/g)].map(([, name = '']) => name)),
        ],
      }
    })
}
