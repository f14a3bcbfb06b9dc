import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Connection, ConnectionDriver, ExecRequest, ExecResult } from '../connection/connection.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import type { Secret, SecretReference } from '../model/secret.js'
import { cleanText } from '../shell/clean.js'
import { FrameReader, frame, frameFunction, type FrameListener } from '../shell/frames.js'
import { redact } from '../shell/redact.js'
import { LOADER_COMMANDS, LOADER_EXIT, packProgram } from '../shell/loader.js'
import { Start } from './start.js'
import { sudoInput, type SudoDialogue } from './sudo.js'

/** What the engine needs from outside to reach a host. */
export interface Reach {
  readonly driver: ConnectionDriver
  readonly resolveSecret: (reference: SecretReference) => Promise<Secret>
}

/** A program as the engine writes it: the session adds the frame function, the first and the last frame. */
export interface SessionProgram {
  readonly text: string
  readonly data?: readonly Uint8Array[]
}

export interface SessionLimits {
  readonly deadlineMs: number
  readonly maxOutputBytes: number
  readonly signal?: AbortSignal
}

export interface SessionListener extends FrameListener {
  onStderr?(bytes: Uint8Array): void
}

const STDERR_KEPT = 16 * 1024

/** How long a login and sudo may take until gw's program begins: a sudo that asks for what gw cannot answer never ends. */
const START_PATIENCE_MS = 20_000

/**
 * One host for the length of a run: connects once, and anew after the connection was lost; becomes root as the inventory
 * says; runs framed programs. A program that was running when the connection was lost is not run again.
 */
export class HostSession {
  readonly host: Host
  readonly #reach: Reach
  readonly #startPatienceMs: number
  readonly #secrets: string[] = []
  #connection: Promise<Connection> | undefined

  constructor(host: Host, reach: Reach, startPatienceMs = START_PATIENCE_MS) {
    this.host = host
    this.#reach = reach
    this.#startPatienceMs = startPatienceMs
  }

  /** Takes the secrets that this session has used, and `others`, out of what the host printed. */
  redact(text: string, others: readonly string[] = []): string {
    return redact(text, [...this.#secrets, ...others])
  }

  /**
   * Runs a program to its end, giving out its frames and text as they come.
   * @throws GwError what the connection throws, BECOME_REFUSED when root could not be reached, REPLY_GARBLED when
   *   the program did not reach its end.
   */
  async run(program: SessionProgram, listener: SessionListener, limits: SessionLimits): Promise<void> {
    const token = randomBytes(16).toString('hex')
    const packed = packProgram({ text: wrap(program.text, token), data: program.data ?? [] })
    // A secret that is not to be had is no reason to knock at the host.
    const sudo = await this.#sudo(packed)
    await this.connect(limits.signal)
    const start = new Start(this.#startPatienceMs, limits.signal)
    const reader = new FrameReader(token, watchEnds(listener, start))
    const stderr = new Tail(STDERR_KEPT)
    const request: ExecRequest = {
      command: this.#command(),
      input: sudo?.input ?? packed,
      deadlineMs: limits.deadlineMs,
      maxOutputBytes: limits.maxOutputBytes,
      signal: start.signal,
      onStdout: (chunk) => {
        sudo?.onStdout(chunk)
        reader.push(chunk)
      },
      onStderr: (chunk) => {
        const said = sudo?.onStderr(chunk) ?? chunk
        stderr.push(said)
        listener.onStderr?.(said)
      },
    }
    const result = await this.#exec(request, start)
    reader.end()
    const printed = this.redact(stderr.text())
    if (!start.happened) throw this.#notStarted(result, sudo, printed)
    if (!start.ended) throw this.#cutShort(result, printed)
  }

  /** A channel that was closed because nothing began in time ends as one that ended before the beginning. */
  async #exec(request: ExecRequest, start: Start): Promise<ExecResult> {
    try {
      return await this.#over((connection) => connection.exec(request))
    } catch (error) {
      if (!start.overdue) throw error
      return { exitCode: null, signal: null }
    } finally {
      start.stopWaiting()
    }
  }

  /** The connection, opened when there is none. */
  connect(signal?: AbortSignal): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection
    const opening = this.#open(signal)
    this.#connection = opening
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined
    })
    return opening
  }

  /** Has what comes next use another connection. What still runs on this one ends with CONNECTION_LOST, `why` in words. */
  drop(why?: string): void {
    const connection = this.#connection
    this.#connection = undefined
    void connection?.then(
      (dropped) => dropped.close(why),
      () => undefined,
    )
  }

  /** A TCP connection to an address and port as the host reaches them; @throws GwError as `Connection.forward` */
  async forward(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return this.#over((connection) => connection.forward(address, port, signal), signal)
  }

  async #over<Value>(work: (connection: Connection) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    const used = this.connect(signal)
    try {
      return await work(await used)
    } catch (error) {
      const isLost = error instanceof GwError && error.code === 'CONNECTION_LOST'
      if (isLost && this.#connection === used) this.drop()
      throw error
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.close()
  }

  #open(signal?: AbortSignal): Promise<Connection> {
    return this.#reach.driver.connect(this.host.connection, {
      host: this.host.name,
      ...(signal === undefined ? {} : { signal }),
    })
  }

  #command(): string {
    const { become } = this.host.connection
    if (become.method === 'none') return LOADER_COMMANDS.none
    return become.password === null ? LOADER_COMMANDS.sudo : LOADER_COMMANDS.sudoWithPassword
  }

  async #sudo(packed: Uint8Array): Promise<SudoDialogue | undefined> {
    const { become } = this.host.connection
    if (become.method === 'none' || become.password === null) return undefined
    const password = await this.#reach.resolveSecret(become.password)
    this.#secrets.push(password.reveal())
    return sudoInput(password, packed)
  }

  #notStarted(result: ExecResult, sudo: SudoDialogue | undefined, stderr: string): GwError {
    const { become, user } = this.host.connection
    const details = { host: this.host.name, ...(stderr === '' ? {} : { frame: stderr }) }
    if (become.method === 'none') {
      return new GwError(
        'REPLY_GARBLED',
        `the shell of ${user} ended with ${describe(result)} before gw's program began`,
        {
          ...details,
          nextSteps: [`Log in by ssh as ${user} and run: sh -c 'echo ok'`],
        },
      )
    }
    if (result.exitCode === LOADER_EXIT.noSudo) {
      return new GwError('BECOME_REFUSED', 'sudo is not installed on the host', {
        ...details,
        nextSteps: ['Install sudo, or connect as root with `become: none` in the inventory.'],
      })
    }
    if (result.exitCode === null && result.signal === null && stderr === '') {
      return new GwError(
        'DEADLINE_PASSED',
        `the host let us in and then said nothing for ${this.#startPatienceMs / 1000} s`,
        {
          host: this.host.name,
          nextSteps: [`Log in by ssh as ${user}: a host that hangs has no time for a shell either.`],
        },
      )
    }
    const why = becomeReason(user, become.password !== null, sudo?.refused ?? false)
    return new GwError('BECOME_REFUSED', why.message, { ...details, nextSteps: why.nextSteps })
  }

  #cutShort(result: ExecResult, stderr: string): GwError {
    return new GwError(
      'REPLY_GARBLED',
      `the shell on the host ended with ${describe(result)} in the middle of gw's program`,
      {
        host: this.host.name,
        ...(stderr === '' ? {} : { frame: stderr }),
        nextSteps: ['Nothing after the last task shown was started; run the same command again.'],
      },
    )
  }
}

function wrap(text: string, token: string): string {
  return `${frameFunction(token)}\nexec 3<&0 </dev/null\n${frame('start')}\n${text}\n${frame('done')}`
}

/** Keeps the session's own first and last frame to itself, and nothing of what a login shell prints before the first. */
function watchEnds(listener: FrameListener, start: Start): FrameListener {
  return {
    onText: (bytes) => {
      if (start.happened && !start.ended) listener.onText(bytes)
    },
    onFrame: (words) => {
      if (words[0] === 'start') start.happen()
      else if (words[0] === 'done') start.ended = true
      else listener.onFrame(words)
    },
  }
}

function becomeReason(
  user: string,
  hadPassword: boolean,
  refused: boolean,
): { message: string; nextSteps: string[] } {
  if (refused) {
    return {
      message: `sudo refused the password of ${user}; it was tried once`,
      nextSteps: ['Check the secret that `connection.become.password` refers to.'],
    }
  }
  const nextSteps = [`Log in by ssh as ${user} and run: sudo -n true`]
  if (!hadPassword)
    nextSteps.push(
      'If sudo asks for a password, set `connection.become.password` in the inventory, e.g. env:GW_SUDO_PASSWORD.',
    )
  return {
    message: `${user} could not become root by sudo${hadPassword ? '' : ' without a password'}`,
    nextSteps,
  }
}

function describe(result: ExecResult): string {
  if (result.exitCode !== null) return `status ${result.exitCode}`
  return result.signal === null ? 'no word in time' : `signal ${result.signal}`
}

/** The last bytes of a stream, as text that is safe to show. */
class Tail {
  #bytes = Buffer.alloc(0)

  constructor(readonly size: number) {}

  push(chunk: Uint8Array): void {
    const joined = Buffer.concat([this.#bytes, chunk])
    this.#bytes = joined.subarray(Math.max(0, joined.length - this.size))
  }

  text(): string {
    return cleanText(this.#bytes.toString()).trim()
  }
}
