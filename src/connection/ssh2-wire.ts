import type { Duplex } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import type { Endpoint } from '../model/host.js'
import { abortReason, whenAborted } from './abort.js'
import type { ExecResult } from './connection.js'
import { closed } from './deadline.js'
import { JoinedStream } from './joined-stream.js'
import { ChannelRefused, ForwardRefused, type Exchange } from './wire.js'
import type { HopWire } from './wire-driver.js'

/** RFC 4254, 5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1

const GONE = 'the connection is gone'

/** An authenticated ssh2 client as a wire, and as a way further on for those behind it. */
export class Ssh2Wire implements HopWire {
  readonly ended: Promise<string>
  #lost = false

  constructor(
    readonly endpoint: Endpoint,
    private readonly client: Client,
    private readonly stream: Duplex,
  ) {
    this.ended = new Promise((resolve) => {
      const end = (why: string) => () => {
        this.#lost = true
        resolve(why)
      }
      client.on('error', end('the connection broke'))
      client.on('close', end('the host closed the connection'))
      client.on('end', end('the host closed the connection'))
    })
  }

  get isLost(): boolean {
    return this.#lost
  }

  isAlive(): Promise<boolean> {
    return Promise.resolve(!this.#lost)
  }

  async run(exchange: Exchange): Promise<ExecResult> {
    const { channel, ended } = await this.#openChannel(exchange)
    const stop = () => {
      channel.close()
    }
    whenAborted(exchange.signal, stop)
    if (exchange.signal.aborted) stop()
    try {
      exchange.feed(channel)
      return await ended
    } finally {
      exchange.signal.removeEventListener('abort', stop)
    }
  }

  async close(): Promise<void> {
    const end = new Promise<void>((resolve) => {
      if (this.stream.closed || this.#lost) resolve()
      this.client.once('close', resolve)
    })
    this.client.end()
    await closed(end)
    // The library's own destroy() does nothing once end() was called.
    this.stream.destroy()
  }

  /** By a channel of the type direct-tcpip. */
  forward(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(abortReason(signal))
      }
      whenAborted(signal, onAbort)
      if (this.#lost || signal.aborted) {
        reject(signal.aborted ? abortReason(signal) : new Error(GONE))
        return
      }
      this.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        signal.removeEventListener('abort', onAbort)
        if (error !== undefined) reject(forwardRefusal(error))
        else if (signal.aborted) channel.close()
        else {
          const close = () => {
            channel.close()
          }
          resolve(new JoinedStream(channel, channel, close))
        }
      })
    })
  }

  /** What a command says is listened for at once: all of it may come in the very chunk that opens the channel. */
  #openChannel(exchange: Exchange): Promise<{ channel: ClientChannel; ended: Promise<ExecResult> }> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(new Error(GONE))
        return
      }
      this.client.exec(exchange.command, (error, channel) => {
        if (error === undefined) resolve({ channel, ended: this.#result(channel, exchange) })
        else if (openFailureReason(error) === null) reject(error)
        else reject(new ChannelRefused(error.message))
      })
    })
  }

  #result(channel: ClientChannel, exchange: Exchange): Promise<ExecResult> {
    return new Promise((resolve, reject) => {
      let result: ExecResult = { exitCode: null, signal: null }
      let open = 2
      const ended = () => {
        open--
        if (open > 0) return
        // Output may be missing when the connection went first; `ended` tells why.
        if (this.#lost) reject(new Error(GONE))
        else resolve(result)
      }
      channel.on('exit', (exitCode: number | null, signal?: string) => {
        result = { exitCode, signal: signal ?? null }
      })
      channel.on('data', exchange.stdout)
      channel.stderr.on('data', exchange.stderr)
      channel.once('close', ended)
      channel.stderr.once('end', ended)
    })
  }
}

function forwardRefusal(error: Error): Error {
  const reason = openFailureReason(error)
  if (reason === null) return error
  return new ForwardRefused(reason === ADMINISTRATIVELY_PROHIBITED ? 'forbidden' : 'failed')
}

/** The reason code of a refused channel; `null` when the error is another one. */
function openFailureReason(error: Error): number | null {
  return 'reason' in error && typeof error.reason === 'number' ? error.reason : null
}
