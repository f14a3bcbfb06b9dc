import { OWN_PATHS } from '../../model/own-paths.js'
import type { Finding, Judgement } from '../../model/health.js'
import type { WebAnswer } from '../../probe/probe.js'
import { healthIn, isNode } from '../../release/health-answer.js'
import { error, judged, warning } from '../judgement.js'
import { shownWords } from '../nginx-words.js'
import type { HostObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { unasked } from '../reachable.js'

const REQUEST = `GET ${OWN_PATHS.health}`

// How long a gateway that is well may take at most, in milliseconds; the way over SSH is part of it.
const SLOW_MS = 500
const TOO_SLOW_MS = 1000

/**
 * A request as a client makes it, by TLS 1.3, and handshakes by TLS 1.2. What certificate is shown does not matter here: the
 * phase certificate judges it, also one that is missing for one algorithm alone.
 */
export function judgeHttp(seen: HostObservation): Judgement {
  return unasked(seen) ?? judged([...requestFindings(seen), ...handshakeFindings(seen)])
}

/** The release that its /health names; null when it answered otherwise. */
export function releaseServed({ own }: HostObservation): string | null {
  if ('failure' in own) return null
  const health = healthIn(own.answer)
  return 'instead' in health ? null : health.release
}

function requestFindings(seen: HostObservation): Finding[] {
  const { own } = seen
  if ('failure' in own) {
    return [error(`${REQUEST} got no answer: ${shownWords(own.why)}`, askThere(seen))]
  }
  const { answer } = own
  const health = healthIn(answer)
  if ('instead' in health) {
    return [error(`${REQUEST} was answered with ${health.instead}`, askThere(seen))]
  }
  return [
    ...nodeFindings(seen, health.node),
    ...paceFindings(seen, answer),
    ...(answer.protocol === 'TLSv1.3' ? [] : [noProtocol('TLS 1.3', 'an older one was agreed on')]),
  ]
}

/** NGINX writes its host's name in small letters. */
function nodeFindings({ host, nodeName }: HostObservation, node: string | null): Finding[] {
  if (node === null || isNode(node, nodeName)) return []
  const message = `${REQUEST} on its own address was answered by ${shownName(node)}, and this is ${shownName(nodeName)}: two have the address, or the name has changed since NGINX read its files`
  return [error(message, onHost(host, "'ip -brief address; hostname'"))]
}

const LONGEST_NAME = 64

function shownName(name: string): string {
  return shownWords(name.slice(0, LONGEST_NAME)) || 'a host without a name'
}

function paceFindings({ host }: HostObservation, { ms }: WebAnswer): Finding[] {
  if (ms <= SLOW_MS) return []
  const message = `${REQUEST} took ${Math.round(ms)} ms`
  const help = onHost(host, 'uptime')
  return ms > TOO_SLOW_MS
    ? [error(`${message}, and more than ${TOO_SLOW_MS} ms is too slow`, help)]
    : [warning(`${message}, and more than ${SLOW_MS} ms is slow`, help)]
}

/** When the request got no answer, the handshakes tell nothing new. */
function handshakeFindings(seen: HostObservation): Finding[] {
  const { own, handshakes } = seen
  if ('failure' in own) return []
  const failures = handshakes.flatMap(({ probe }) => ('failure' in probe ? [probe] : []))
  const [first] = failures
  if (first !== undefined && failures.length === handshakes.length)
    return [noProtocol('TLS 1.2', shownWords(first.why))]
  // A certificate that is not shown is another phase's.
  return failures
    .filter(({ failure }) => failure !== 'tls')
    .map(({ why }) => error(`a handshake by TLS 1.2 came to no end: ${shownWords(why)}`, askThere(seen)))
}

function noProtocol(protocol: string, why: string): Finding {
  return error(
    `clients that speak ${protocol} alone are not served: ${why}`,
    'gw plan ENV shows what differs from the inventory; gw deploy ENV mends it',
  )
}

function askThere({ host }: HostObservation): string {
  return onHost(host, 'tail -n 20 /var/log/nginx/error.log')
}
