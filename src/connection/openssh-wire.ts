import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import type { Endpoint } from '../model/host.js'
import { whenAborted } from './abort.js'
import type { ExecResult } from './connection.js'
import type { Peer } from './failures.js'
import { killGroup, type Master } from './openssh-master.js'
import { clientArguments } from './openssh-options.js'
import { ChannelRefused, type Exchange } from './wire.js'
import type { HopWire } from './wire-driver.js'

/** The status with which ssh ends on a failure of its own, and which a command may have, too. */
const SSH_FAILED = 255

/** The host name after the arguments that lead to a master; ssh wants one and does not look at it. */
const ANY_HOST = ['--', 'gw']

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

  /** Through the master's connection; a refusal shows as an end of the stream only. */
  forward(peer: Peer, signal: AbortSignal): Promise<Duplex> {
    const to = `[${peer.endpoint.address}]:${peer.endpoint.port}`
    const child = spawn('ssh', [...clientArguments(this.socket), '-W', to, ...ANY_HOST], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin })
    stream.on('error', () => undefined)
    const end = () => {
      killGroup(child.pid)
    }
    child.once('error', () => stream.destroy())
    child.once('exit', () => {
      stream.off('close', end)
      signal.removeEventListener('abort', end)
    })
    stream.once('close', end)
    whenAborted(signal, end)
    return Promise.resolve(stream)
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
