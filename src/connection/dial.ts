import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { abortReason, whenAborted } from './abort.js'
import { socketFailure, type Peer } from './failures.js'

/** A host from which others can be reached. */
export interface Forwarder {
  /**
   * Opens a byte stream from this host to `peer`.
   * @throws GwError CONNECTION_REFUSED, or the signal's reason
   */
  forward(peer: Peer, signal: AbortSignal): Promise<Duplex>
}

/**
 * Opens a byte stream to a peer: from this machine when `via` is null, else from the jump host `via`.
 * @throws GwError NAME_NOT_RESOLVED, CONNECTION_REFUSED, DEADLINE_PASSED; or the signal's reason.
 */
export function dial(peer: Peer, via: Forwarder | null, signal: AbortSignal): Promise<Duplex> {
  return via === null ? dialTcp(peer, signal) : via.forward(peer, signal)
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
