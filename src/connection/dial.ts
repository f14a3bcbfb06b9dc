import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { whenAborted } from './abort.js'
import { socketFailure, type Peer } from './failures.js'

/**
 * Opens a byte stream to a peer: from this machine, or from a jump host.
 * @throws GwError NAME_NOT_RESOLVED, CONNECTION_REFUSED, DEADLINE_PASSED; or the signal's reason.
 */
export type Dial = (peer: Peer, signal: AbortSignal) => Promise<Duplex>

/** Dials from this machine. Nagle's algorithm is off: with it every small SSH message waits 40 ms for an answer. */
export const dialTcp: Dial = (peer, signal) =>
  new Promise((resolve, reject) => {
    const { address: host, port } = peer.endpoint
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 1000 })
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
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
