import type { Listener } from '../../facts/listeners.js'
import type { Gateway } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { error, judged, note, unjudged, warning } from '../judgement.js'
import type { HostObservation } from '../observation.js'
import { shown } from '../nginx-words.js'
import { onHost } from '../on-host.js'
import { unpublished } from '../published.js'
import { isFull } from '../reachable.js'
import { isTaken, PORTS, standingOf } from '../standing.js'

/** The sockets that clients come to. */
export function judgePorts(seen: HostObservation, { virtualIp }: Gateway): Judgement {
  const standing = standingOf(seen)
  const aside = unpublished(seen)
  if (aside !== null) return aside
  if (standing === 'stopped') return unjudged('NGINX does not run: see the phase process')
  if (standing === 'displaced')
    return judged(seen.listeners.filter(isTaken).map((each) => taken(seen.host, each)))
  const reached = PORTS.map((port) => ({
    port,
    listeners: seen.listeners.filter((each) => each.port === port && isReached(each, virtualIp)),
  }))
  return judged([
    ...reached.flatMap(({ port, listeners }) => ownerFindings(port, listeners, seen, virtualIp.address)),
    // Where all processes are held, nobody accepts anything, and that is told by another phase.
    ...(standing === 'halted'
      ? []
      : reached.flatMap(({ listeners }) => listeners.flatMap((each) => queueFindings(seen.host, each)))),
  ])
}

function taken(host: string, listener: Listener): Finding {
  const program = namesOf(listener)
  return error(
    `${program} has ${placeOf(listener)}, so NGINX cannot start`,
    `Stop ${program} on ${host}, then: ${onHost(host, 'systemctl restart nginx')}`,
  )
}

/** No program's name that the kernel has is longer, nor an address. */
const LONGEST_NAME = 60

function namesOf({ programs }: Listener): string {
  return programs.map((program) => shown(program, LONGEST_NAME)).join(' and ')
}

function placeOf({ address, port }: Listener): string {
  const isBare = address.includes(':') && !address.startsWith('[')
  const host = shown(address, LONGEST_NAME)
  return `${isBare ? `[${host}]` : host}:${port}`
}

/** Whether what comes to the virtual IP comes to this socket. */
function isReached({ address }: Listener, vip: Gateway['virtualIp']): boolean {
  const [bare = '', device] = address.replaceAll(/[[\]]/g, '').split('%')
  if (device !== undefined && device !== vip.interface) return false
  if (bare === '*') return true
  const own = canonical(vip.address)
  return canonical(bare) === own || bare === (own.includes(':') ? '::' : '0.0.0.0')
}

/** An IPv6 address in the one way in which URLs have it; anything else as it is. */
function canonical(address: string): string {
  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) return address
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function ownerFindings(
  port: number,
  listeners: readonly Listener[],
  seen: HostObservation,
  vip: string,
): Finding[] {
  const others = listeners.filter(({ programs }) => programs.some((program) => program !== 'nginx'))
  if (others.length > 0) return others.map((each) => shared(seen.host, each))
  // Whose a socket is that only workers have, some kernels do not even tell root.
  if (listeners.some(({ programs }) => programs.length > 0 || standingOf(seen) === 'orphaned')) return []
  if (listeners.length > 0) return [note(`the host does not say which program listens on port ${port}`)]
  const elsewhere = seen.listeners.filter((each) => each.port === port).map(placeOf)
  const instead = elsewhere.length === 0 ? '' : `, only on ${elsewhere.join(' and ')}`
  return [
    error(
      `nothing listens on port ${port} of an address that the virtual IP ${vip} can use${instead}`,
      onHost(seen.host, `"nginx -T | grep -n listen"`),
    ),
  ]
}

function shared(host: string, listener: Listener): Finding {
  const others = { ...listener, programs: listener.programs.filter((program) => program !== 'nginx') }
  return error(
    `${namesOf(others)} listens on ${placeOf(listener)} beside NGINX and takes requests of clients`,
    `Stop ${namesOf(others)} on ${host}`,
  )
}

/** From which share of its queue on a socket is close to dropping connections. */
const CLOSE_TO_FULL = 0.8

function queueFindings(host: string, listener: Listener): Finding[] {
  const { queued, backlog, droppedNow } = listener
  const help = onHost(host, "'top -b -n 1 | head -n 20'")
  const waiting = `${queued} of ${backlog} connections wait`
  if (isFull(listener)) {
    return [
      error(
        `the accept queue of ${placeOf(listener)} is full (${waiting}): new clients are not let in`,
        help,
      ),
    ]
  }
  if (droppedNow > 0) {
    const message = `the accept queue of ${placeOf(listener)} ran over while we looked: ${droppedNow} connections were dropped`
    return [warning(message, help)]
  }
  if (backlog === 0 || queued < CLOSE_TO_FULL * backlog) return []
  return [warning(`the accept queue of ${placeOf(listener)} is almost full (${waiting})`, help)]
}
