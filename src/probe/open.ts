import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { within } from '../connection/deadline.js'
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
  const where = `${address} port ${port}`
  const late = () =>
    new GwError('DEADLINE_PASSED', `${where} did not answer this machine within ${timeoutMs} ms`)
  return (signal) =>
    within({ ms: timeoutMs, signal, late, interrupted: late }, async (stop) => {
      const socket = connect({ host: address, port, noDelay: true })
      try {
        await once(socket, 'connect', { signal: stop })
        return socket
      } catch (error) {
        socket.destroy()
        const why = `this machine reaches nothing at ${where} (${errnoCode(error)})`
        throw new GwError('CONNECTION_REFUSED', why)
      }
    })
}
