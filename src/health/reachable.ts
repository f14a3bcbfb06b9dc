import type { Listener } from '../facts/listeners.js'
import type { Finding, Judgement } from '../model/health.js'
import { judged, note, unjudged } from './judgement.js'
import type { HostObservation } from './observation.js'
import { allowForwarding } from './on-host.js'
import { unpublished } from './published.js'
import { isHeld, living, standingOf } from './standing.js'

const HTTPS = 443
/** gw's files have both families listen; of the two that of IPv4 is on every host. */
const WILDCARDS = ['*', '0.0.0.0']

/**
 * Why nothing can be said of what a gateway serves: because another phase already tells why it serves nothing, or because
 * nothing can be tried through the host. Null when NGINX is there to be asked.
 */
export function unasked(seen: HostObservation): Judgement | null {
  const aside = unpublished(seen)
  if (aside !== null) return aside
  switch (standingOf(seen)) {
    case 'stopped':
      return unjudged('NGINX does not run: see the phase process')
    case 'halted':
      return unjudged('no worker of NGINX can answer: see the phase process')
    case 'displaced':
      return unjudged('another program has the port of NGINX: see the phase ports')
    case 'running':
    case 'orphaned':
      return unanswered(seen)
  }
}

function unanswered(seen: HostObservation): Judgement | null {
  const failure = 'failure' in seen.own ? seen.own.failure : null
  if (failure === 'forbidden') return judged([unforwarded(seen.host)])
  const listeners = seen.listeners.filter(mayBeNginx)
  if (listeners.length === 0 || (failure === 'unreachable' && !listeners.some(isForAll)))
    return unjudged(`NGINX does not listen on port ${HTTPS} of the address: see the phase ports`)
  if (failure !== 'late') return null
  if (listeners.some(isFull))
    return unjudged(`connections to port ${HTTPS} are not accepted: see the phase ports`)
  return living(seen.processes.processes).some(isHeld)
    ? unjudged('workers of NGINX are halted: see the phase process')
    : null
}

/** The same words in every phase, so that it shows once. */
export function unforwarded(host: string): Finding {
  return note(
    'the sshd of the host allows no TCP forwarding, so nothing can be tried through it',
    allowForwarding(host),
  )
}

function mayBeNginx({ port, programs }: Listener): boolean {
  return port === HTTPS && (programs.length === 0 || programs.includes('nginx'))
}

function isForAll({ address }: Listener): boolean {
  return WILDCARDS.includes(address)
}

/** Whether no new client is let in at a socket. */
export function isFull({ queued, backlog }: Listener): boolean {
  return backlog > 0 && queued >= backlog
}
