import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '../model/host.js'
import { abortReason, whenAborted } from './abort.js'
import { forwardingRefused, socketFailure, type Peer } from './failures.js'
import { ForwardRefused, type Wire } from './wire.js'

/** A host from which others can be reached. */
export interface Forwarder extends Pick<Wire, 'forward'> {
  readonly endpoint: Endpoint
}

/**
 * Opens a byte stream to a peer: from this machine when `via` is null, else from the jump host `via`.
 * @throws GwError NAME_NOT_RESOLVED, CONNECTION_REFUSED, DEADLINE_PASSED; or the signal's reason.
 */
export function dial(peer: Peer, via: Forwarder | null, signal: AbortSignal): Promise<Duplex> {
  return via === null ? dialTcp(peer, signal) : dialThrough(peer, via, signal)
}

async function dialThrough(peer: Peer, via: Forwarder, signal: AbortSignal): Promise<Duplex> {
  try {
    return await via.forward(peer.endpoint.address, peer.endpoint.port, signal)
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof ForwardRefused ? error.why : 'unsaid'
    throw forwardingRefused(peer, via.endpoint, why)
  }
}

/** Dials from this machine. Nagle's algorithm is off: with it every small SSH message waits 40 ms for an answer. */
function dialTcp(peer: Peer, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { address: host, port } = peer.endpoint
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 1000 })
    const onAbort = () => {
      socket.destroy()
      reject(abortReason(signal))
    }
    const onError = (error: Error) => {
      signal.removeEventListener('abort', onAbort)
      reject(socketFailure(peer, error))
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      resolve(socket)
    })
    if (signal.aborted) onAbort()
    else whenAborted(signal, onAbort)
  })
}
