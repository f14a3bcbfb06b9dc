import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { errnoCode, GwError } from '../errors.js'

/**
 * Opens a TCP connection, new with every call; `signal` ends the opening only.
 * @throws GwError CONNECTION_REFUSED (ForwardingForbidden where a host forwards nothing), DEADLINE_PASSED, and whatever is
 *   no fault of the address
 */
export type Open = (signal?: AbortSignal) => Promise<Duplex>

/** A host by way of which connections can be opened. */
export interface Way {
  forward(address: string, port: number, signal?: AbortSignal): Promise<Duplex>
}

/** A connection as a host makes it. */
export function openFrom(way: Way, address: string, port: number): Open {
  return (signal) => way.forward(address, port, signal)
}

/** A connection as this machine makes it, past all SSH, within `timeoutMs`. */
export function openHere(address: string, port: number, timeoutMs: number): Open {
  return async (signal) => {
    const late = AbortSignal.timeout(timeoutMs)
    const socket = connect({ host: address, port, noDelay: true })
    try {
      await once(socket, 'connect', { signal: signal === undefined ? late : AbortSignal.any([late, signal]) })
      return socket
    } catch (error) {
      socket.destroy()
      const where = `${address} port ${port}`
      throw late.aborted
        ? new GwError('DEADLINE_PASSED', `${where} did not answer this machine within ${timeoutMs} ms`)
        : new GwError('CONNECTION_REFUSED', `this machine reaches nothing at ${where} (${errnoCode(error)})`)
    }
  }
}
