import { whenAborted } from '../connection/abort.js'
import { Unanswered } from '../probe/attempt.js'
import { exchange } from '../probe/exchange.js'
import type { Dialler } from './dial.js'
import type { LoadTarget } from './load-target.js'
import type { Ask } from './open-loop.js'
import { nodeIn, unserved } from './unserved.js'

/** A new TCP connection, and no more. */
export function askTcp(dialler: Dialler): Ask {
  return async (signal) => {
    const socket = await dialler.tcp(signal)
    // Ended in order, hundreds a second would each keep a port of this machine for a minute.
    socket.resetAndDestroy()
    return null
  }
}

/** A request over a new TLS connection. */
export function askTls(dialler: Dialler, { domain, path }: LoadTarget): Ask {
  return async (signal) => {
    const socket = await dialler.tls('http/1.1', signal)
    const drop = (): void => {
      socket.destroy()
    }
    whenAborted(signal, drop)
    try {
      return nodeIn(await exchange(socket, { host: domain, path }))
    } catch (error) {
      throw error instanceof Unanswered ? unserved(error.cause, 'answer') : error
    } finally {
      drop()
    }
  }
}
