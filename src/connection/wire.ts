import type { Duplex, Writable } from 'node:stream'
import { GwError } from '../errors.js'
import { abortReason, whenAborted } from './abort.js'
import {
  ForwardingForbidden,
  type Connection,
  type ExecRequest,
  type ExecResult,
  type Traffic,
} from './connection.js'
import { rejection, within } from './deadline.js'
import { connectionLost, interrupted } from './failures.js'
import { feed } from './feed.js'
import { Turns } from './turns.js'

/** One command on its way: where its input comes from and its output goes. `signal` fires when it must end. */
export interface Exchange {
  readonly command: string
  /** Starts writing the input, and ends `into` after it; called once, when the command runs. */
  readonly feed: (into: Writable) => void
  readonly stdout: (chunk: Uint8Array) => void
  readonly stderr: (chunk: Uint8Array) => void
  readonly signal: AbortSignal
}

/** The host would not start another command now; nothing was run. */
export class ChannelRefused extends Error {
  override readonly name = 'ChannelRefused'
}

/** The host opened no connection to an address: it may not, or it could not reach it. */
export class ForwardRefused extends Error {
  override readonly name = 'ForwardRefused'

  constructor(readonly why: 'forbidden' | 'failed') {
    super(why)
  }
}

/** What a driver gives: an authenticated connection that runs commands. Turns, limits and errors are added here. */
export interface Wire {
  /**
   * Runs one command.
   * @throws ChannelRefused, or any error when the connection is gone or the signal fired.
   */
  run(exchange: Exchange): Promise<ExecResult>
  /**
   * Opens a TCP connection from the host to an address and port.
   * @throws ForwardRefused, or any error when the connection is gone or the signal fired; then nothing is left open
   */
  forward(address: string, port: number, signal: AbortSignal): Promise<Duplex>
  /** Fulfils when the connection is gone, with the reason in words; never rejects. */
  readonly ended: Promise<string>
  /** Ends the connection and frees everything; never throws, never takes more than two seconds. */
  close(): Promise<void>
}

const MAX_CHANNELS = 8

/** sshd counts sessions (MaxSessions), and no forwards; this many are probed with while others wait for what is lost. */
const MAX_FORWARDS = 32

/** How long a host may take to reach what stands in its own network. */
const FORWARD_MS = 5000

/**
 * A Connection over a driver's wire: at most 8 commands and 32 forwards at once, each with its deadline and output limit. `release` is
 * called once the wire is closed.
 */
export class WireConnection implements Connection {
  readonly #turns = new Turns(MAX_CHANNELS)
  readonly #forwards = new Turns(MAX_FORWARDS)
  readonly #traffic = { channels: 0, bytesSent: 0, bytesReceived: 0 }
  readonly #over = new AbortController()
  #closing: Promise<void> | null = null

  constructor(
    private readonly host: string,
    private readonly wire: Wire,
    private readonly release: () => Promise<void>,
  ) {
    void wire.ended.then((why) => {
      this.#over.abort(connectionLost(host, why))
    })
  }

  get traffic(): Traffic {
    return { ...this.#traffic }
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    const stop = new AbortController()
    const end = (error: GwError) => () => {
      stop.abort(error)
    }
    const onLost = () => {
      stop.abort(this.#over.signal.reason)
    }
    const onAbort = end(interrupted(this.host))
    whenAborted(this.#over.signal, onLost)
    if (request.signal !== undefined) whenAborted(request.signal, onAbort)
    try {
      if (request.signal?.aborted === true) onAbort()
      if (this.#over.signal.aborted) onLost()
      return await this.#whenPossible(request, stop)
    } finally {
      this.#over.signal.removeEventListener('abort', onLost)
      request.signal?.removeEventListener('abort', onAbort)
    }
  }

  async forward(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    const over = this.#over.signal
    const stop = signal === undefined ? over : AbortSignal.any([over, signal])
    let release = (): void => undefined
    try {
      release = await this.#forwards.take(stop)
      const late = () => forwardLate(this.host, address, port)
      const bounds = { ms: FORWARD_MS, signal: stop, late, interrupted: () => interrupted(this.host) }
      const stream = await within(bounds, (inner) => this.wire.forward(address, port, inner))
      return stream.once('close', release)
    } catch (error) {
      release()
      if (over.aborted) throw abortReason(over)
      if (signal?.aborted === true) throw interrupted(this.host)
      throw forwardFailure(this.host, address, port, error)
    }
  }

  close(why = 'gw closed the connection'): Promise<void> {
    this.#over.abort(connectionLost(this.host, why))
    this.#closing ??= this.wire.close().then(() => this.release())
    return this.#closing
  }

  /** Hosts that allow fewer channels than 8 (MaxSessions) are served with as many as they allow. */
  async #whenPossible(request: ExecRequest, stop: AbortController): Promise<ExecResult> {
    for (;;) {
      const release = await this.#turns.take(stop.signal)
      try {
        return await this.#attempt(request, stop)
      } catch (error) {
        if (!(error instanceof ChannelRefused)) throw error
        this.#traffic.channels--
        if (this.#turns.running <= 1) throw channelRefused(this.host)
        this.#turns.lower(this.#turns.running - 1)
      } finally {
        release()
      }
    }
  }

  async #attempt(request: ExecRequest, stop: AbortController): Promise<ExecResult> {
    const { host } = this
    const timer = setTimeout(() => {
      stop.abort(deadlinePassed(host, request.deadlineMs))
    }, request.deadlineMs)
    const ended = new AbortController()
    try {
      this.#traffic.channels++
      this.#traffic.bytesSent += Buffer.byteLength(request.command)
      return await Promise.race([this.#run(request, stop, ended.signal), rejection(stop.signal)])
    } finally {
      clearTimeout(timer)
      ended.abort()
    }
  }

  /** What a library throws on its way down is the end of the connection, told before the connection itself tells it. */
  async #run(request: ExecRequest, stop: AbortController, ended: AbortSignal): Promise<ExecResult> {
    try {
      return await this.wire.run(this.#exchange(request, stop, ended))
    } catch (error) {
      if (error instanceof GwError || error instanceof ChannelRefused) throw error
      throw connectionLost(this.host, error instanceof Error ? error.message : String(error))
    }
  }

  #exchange(request: ExecRequest, stop: AbortController, ended: AbortSignal): Exchange {
    const output = this.#output(request, stop)
    const sent = (bytes: number) => {
      this.#traffic.bytesSent += bytes
    }
    const start = (into: Writable) => {
      feed(request.input, into, sent, ended).catch((error: unknown) => {
        if (!ended.aborted) stop.abort(error)
      })
    }
    return { command: request.command, feed: start, signal: stop.signal, ...output }
  }

  #output(request: ExecRequest, stop: AbortController): Pick<Exchange, 'stdout' | 'stderr'> {
    let received = 0
    const pass = (to: (chunk: Uint8Array) => void) => (chunk: Uint8Array) => {
      if (stop.signal.aborted) return
      received += chunk.length
      this.#traffic.bytesReceived += chunk.length
      if (received > request.maxOutputBytes) {
        stop.abort(outputTooLarge(this.host, request.maxOutputBytes))
        return
      }
      try {
        to(chunk)
      } catch (error) {
        stop.abort(error)
      }
    }
    return { stdout: pass(request.onStdout), stderr: pass(request.onStderr) }
  }
}

function deadlinePassed(host: string, ms: number): GwError {
  return new GwError('DEADLINE_PASSED', `the command did not end within ${ms} ms; its channel was closed`, {
    host,
    nextSteps: ['Look on the host whether it still runs (`ps -ef`) and what it waits for.'],
  })
}

function outputTooLarge(host: string, bytes: number): GwError {
  return new GwError(
    'OUTPUT_TOO_LARGE',
    `the command printed more than ${bytes} bytes; its channel was closed`,
    {
      host,
      nextSteps: ['Have the command write into a file on the host, or print less.'],
    },
  )
}

function forwardLate(host: string, address: string, port: number): GwError {
  const message = `${address} port ${port} did not answer the host within ${FORWARD_MS} ms`
  return new GwError('DEADLINE_PASSED', message, {
    host,
    nextSteps: [`Check on the host what drops the packets to ${address}: a firewall, or a route.`],
  })
}

function forwardFailure(host: string, address: string, port: number, error: unknown): GwError {
  if (error instanceof GwError) return error
  if (!(error instanceof ForwardRefused))
    return connectionLost(host, error instanceof Error ? error.message : String(error))
  if (error.why === 'forbidden') {
    return new ForwardingForbidden('CONNECTION_REFUSED', 'the host does not allow TCP forwarding', {
      host,
      nextSteps: ['Set `AllowTcpForwarding local` in its sshd_config.'],
    })
  }
  return new GwError('CONNECTION_REFUSED', `the host reaches nothing at ${address} port ${port}`, {
    host,
    nextSteps: [`Type \`ss -ltn\` on the host that has ${address}, to see what listens there.`],
  })
}

function channelRefused(host: string): GwError {
  return new GwError('CONNECTION_LOST', 'the host lets us in but refuses to run a command (no channel)', {
    host,
    nextSteps: ['Check `MaxSessions` in its sshd_config: it must be 1 at least; 10 is the default.'],
  })
}
