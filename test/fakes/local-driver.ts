import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type {
  Connection,
  ConnectionDriver,
  ExecRequest,
  ExecResult,
} from '../../src/connection/connection.js'
import { GwError } from '../../src/errors.js'

/** A "host" that is this machine: commands run in a local shell. What gw sends is kept for the tests to look at. */
export class LocalDriver implements ConnectionDriver {
  connections = 0
  channels = 0
  /** Replaces the command that is run, e.g. to put a false sudo before it. */
  prepare: (command: string) => string = (command) => command

  connect(): Promise<Connection> {
    this.connections += 1
    return Promise.resolve({
      traffic: { channels: this.channels, bytesSent: 0, bytesReceived: 0 },
      exec: (request) => this.#exec(request),
      forward: (address, port) => this.#forward(address, port),
      close: () => Promise.resolve(),
    })
  }

  async #forward(host: string, port: number): Promise<Duplex> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect').catch((cause: unknown) => {
      throw new GwError('CONNECTION_REFUSED', 'nothing listens there', { cause })
    })
    return socket
  }

  async #exec(request: ExecRequest): Promise<ExecResult> {
    this.channels += 1
    const child = spawn('/bin/sh', ['-c', this.prepare(request.command)], { stdio: 'pipe' })
    // A command that ends before it has read its input is a result, not an error of the pipe.
    child.stdin.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => {
      request.onStdout(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      request.onStderr(chunk)
    })
    const ended = new Promise<ExecResult>((resolve, reject) => {
      const onAbort = (): void => {
        child.kill()
        reject(new GwError('INTERRUPTED', 'interrupted'))
      }
      request.signal?.addEventListener('abort', onAbort)
      child.on('close', (exitCode, signal) => {
        request.signal?.removeEventListener('abort', onAbort)
        resolve({ exitCode, signal })
      })
    })
    void this.#feed(child.stdin, request.input)
    return ended
  }

  async #feed(stdin: NodeJS.WritableStream, input: ExecRequest['input']): Promise<void> {
    if (input instanceof Uint8Array) stdin.end(input)
    else {
      for await (const piece of input) stdin.write(piece)
      stdin.end()
    }
  }
}
