import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection, ExecRequest, ExecResult } from '../../src/connection/connection.js'
import type { Reach } from '../../src/engine/session.js'
import { LocalDriver } from '../fakes/local-driver.js'

/** Hosts that are this machine, but for the programs that tell of what a host sees: these print what a test has them say. */
export class LookingHosts {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gw-looking-'))
  readonly #open = new Set<Connection>()

  readonly reach: Reach = {
    driver: { connect: (_target, { host }) => this.#connect(host) },
    resolveSecret: () => Promise.reject(new Error('no secret is asked for')),
  }

  constructor() {
    const file = `"${this.#folder}/$GW_TEST_HOST.`
    const isOpen = '[ -e "$0" ]'
    const waits = `while ${isOpen} && [ ! -e ${file}sees" ]; do sleep 0.02; done`
    this.#program(
      'perl',
      `cat ${file}looks"; ${waits}; ${isOpen} && cat ${file}sees"; while ${isOpen}; do sleep 0.1; done`,
    )
    this.#program('journalctl', `[ ! -e ${file}wrote" ] || cat ${file}wrote"`)
  }

  /** Connections that nobody has closed. */
  get open(): number {
    return this.#open.size
  }

  /** What the program prints on a host that looks who has the virtual IP, as soon as it does. */
  looks(host: string, lines: readonly string[]): void {
    this.#write(`${host}.looks`, lines)
  }

  /** What it prints then. */
  sees(host: string, lines: readonly string[]): void {
    this.#write(`${host}.sees`, lines)
  }

  /** What is in a host's journal. */
  wrote(host: string, lines: readonly string[]): void {
    this.#write(`${host}.wrote`, lines)
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true })
  }

  #program(name: string, text: string): void {
    const file = join(this.#folder, name)
    writeFileSync(file, `#!/bin/sh\n${text}\n`)
    chmodSync(file, 0o755)
  }

  #write(name: string, lines: readonly string[]): void {
    const file = join(this.#folder, name)
    writeFileSync(`${file}.new`, lines.map((line) => `${line}\n`).join(''))
    renameSync(`${file}.new`, file)
  }

  async #connect(host: string): Promise<Connection> {
    const driver = new LocalDriver()
    driver.prepare = (command) =>
      `export GW_TEST_HOST=${host}; ${command.replace('PATH=', `PATH=${this.#folder}:`)}`
    const connection = await driver.connect()
    this.#open.add(connection)
    const close = (): Promise<void> => {
      this.#open.delete(connection)
      return connection.close()
    }
    return { ...connection, exec: (request) => execOver(connection, request), close }
  }
}

/** As over a real connection, a fault of whoever hears what is printed is the end of the command. */
async function execOver(connection: Connection, request: ExecRequest): Promise<ExecResult> {
  const fault = new AbortController()
  const onStdout = (chunk: Uint8Array): void => {
    try {
      request.onStdout(chunk)
    } catch (error) {
      fault.abort(error)
    }
  }
  const signal = AbortSignal.any([fault.signal, ...(request.signal === undefined ? [] : [request.signal])])
  try {
    return await connection.exec({ ...request, onStdout, signal })
  } catch (error) {
    fault.signal.throwIfAborted()
    throw error
  }
}
