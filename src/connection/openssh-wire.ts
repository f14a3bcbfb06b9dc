import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Endpoint } from '../model/host.js'
import { whenAborted } from './abort.js'
import type { ExecResult } from './connection.js'
import { JoinedStream } from './joined-stream.js'
import { killGroup, type Master } from './openssh-master.js'
import { clientArguments } from './openssh-options.js'
import { ChannelRefused, ForwardRefused, type Exchange } from './wire.js'
import type { HopWire } from './wire-driver.js'

/** The status with which ssh ends on a failure of its own, and which a command may have, too. */
const SSH_FAILED = 255

/** The host name after the arguments that lead to a master; ssh wants one and does not look at it. */
const ANY_HOST = ['--', 'gw']

/** In the trace of an ssh that asked a master for a channel: it has one. */
const CHANNEL_OPENED = 'master session id: '

const TRACE_KEPT = 4096

/** In the trace of a master: the name that ssh gives to the reason with which an sshd that forwards nothing refuses. */
const PROHIBITED = 'open failed: administratively prohibited'

/** A master connection of the system's ssh; each command is an ssh process that asks the master for a channel. */
export class OpensshWire implements HopWire {
  readonly ended: Promise<string>
  #lost = false
  #commands = 0

  constructor(
    readonly endpoint: Endpoint,
    private readonly master: Master,
  ) {
    this.ended = master.exited.then(() => {
      this.#lost = true
      return 'the connection to the host ended'
    })
  }

  get isLost(): boolean {
    return this.#lost
  }

  get socket(): string {
    return this.master.socket
  }

  /**
   * ssh hides a death by signal: such a command ends with exit code 255 here, without a signal's name.
   * A 255 is ssh's own when ssh wrote an error of its own, or when the master no longer answers.
   */
  async run(exchange: Exchange): Promise<ExecResult> {
    const log = join(this.master.folder, `log-${this.#commands++}`)
    const exitCode = await this.#command(log, exchange)
    const complaint = exitCode === SSH_FAILED ? await readFile(log, 'utf8').catch(() => '') : ''
    await rm(log, { force: true })
    if (exitCode !== SSH_FAILED) return { exitCode, signal: null }
    if (!(await this.isAlive())) throw new Error('the connection is gone')
    if (complaint.trim() !== '') throw new ChannelRefused(complaint)
    return { exitCode, signal: null }
  }

  close(): Promise<void> {
    return this.master.close()
  }

  /** By an ssh process that joins its standard streams to the channel. */
  async forward(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const before = await this.master.report()
    signal.throwIfAborted()
    const traced = ['-o', 'LogLevel=DEBUG1', ...clientArguments(this.socket)]
    const child = spawn('ssh', [...traced, '-W', `[${address}]:${port}`, ...ANY_HOST], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const end = () => {
      killGroup(child.pid)
    }
    whenAborted(signal, end)
    try {
      if (!(await hasOpened(child))) throw await this.#refusal(before.trace.length)
    } finally {
      signal.removeEventListener('abort', end)
    }
    return new JoinedStream(child.stdout, child.stdin, () => {
      // A master that only loses its client may keep the channel open; the end of the input closes it.
      child.stdin.destroy()
      if (child.exitCode === null && child.signalCode === null) end()
    })
  }

  /** Why the host opened no connection further on, by what the master's trace says since it was asked. */
  async #refusal(traceStart: number): Promise<Error> {
    if (!(await this.isAlive())) return new Error('the connection is gone')
    const { trace } = await this.master.report()
    return new ForwardRefused(trace.slice(traceStart).includes(PROHIBITED) ? 'forbidden' : 'failed')
  }

  #command(log: string, exchange: Exchange): Promise<number | null> {
    const args = [...clientArguments(this.socket), '-E', log, ...ANY_HOST, exchange.command]
    const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const stop = () => {
      killGroup(child.pid)
    }
    whenAborted(exchange.signal, stop)
    // A command that ends before it has read its input is a result, not an error of the pipe.
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', exchange.stdout)
    child.stderr.on('data', exchange.stderr)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => {
        exchange.signal.removeEventListener('abort', stop)
      })
      child.once('close', resolve)
      exchange.feed(child.stdin)
      if (exchange.signal.aborted) stop()
    })
  }

  isAlive(): Promise<boolean> {
    const args = [...clientArguments(this.socket), '-O', 'check', ...ANY_HOST]
    const child = spawn('ssh', args, { stdio: 'ignore', detached: true })
    return new Promise((resolve) => {
      child.once('error', () => {
        resolve(false)
      })
      child.once('exit', (code) => {
        // The master's end may be seen here before its process is reaped.
        if (code !== 0) this.#lost = true
        resolve(code === 0)
      })
    })
  }
}

/** Fulfils with true once the channel is there, with false when ssh ended without one. Reads the trace on, to its end. */
function hasOpened(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<boolean> {
  let trace = ''
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      resolve(false)
    })
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (chunk: Buffer) => {
      trace = (trace + chunk.toString()).slice(-TRACE_KEPT)
      if (trace.includes(CHANNEL_OPENED)) resolve(true)
    })
  })
}
