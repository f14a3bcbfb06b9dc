import type {
  Connection,
  ConnectionDriver,
  ConnectOptions,
  ExecRequest,
  ExecResult,
} from '../../src/connection/connection.js'
import type { HostConnection } from '../../src/model/host.js'
import { ForwardRefused, WireConnection, type Exchange, type Wire } from '../../src/connection/wire.js'
import { Writable } from 'node:stream'

/** How a scripted command goes: pieces of output in their order, then its end. */
export interface ScriptedReply {
  readonly output?: readonly { readonly to: 'stdout' | 'stderr'; readonly text: string }[]
  /**
   * After the output: `exit` with a code (0 when absent), `drop` the connection, `hang` until the deadline or an
   * interrupt, or `flood` stdout without end.
   */
  readonly end?: 'drop' | 'hang' | 'flood' | { readonly exit: number }
}

/** What the script does with a command. `input` is all that the command was given. */
export type ScriptedHost = (command: string, input: string) => ScriptedReply

/** A host that gives the same reply to every command. */
export function always(reply: ScriptedReply): ScriptedHost {
  return () => reply
}

/** A host that answers the first command with the first reply, and so on; it hangs after the last. */
export function inTurn(...replies: readonly ScriptedReply[]): ScriptedHost {
  let next = 0
  return () => replies[next++] ?? { end: 'hang' }
}

/** What becomes of connections that are to be opened by way of a host: nothing listens, or nothing is ever said. */
type Forwards = 'refused' | 'silent'

/** Everything written to it, as text, once it has ended. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}

/** A wire whose other end is a script. Deadlines, limits and turns are the real ones, of WireConnection. */
class ScriptedWire implements Wire {
  readonly ended: Promise<string>
  closed = false
  #end: (why: string) => void = () => undefined

  constructor(
    private readonly host: ScriptedHost,
    private readonly seen: (command: string, input: string) => void,
    private readonly forwards: Forwards,
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async run(exchange: Exchange): Promise<ExecResult> {
    const input = await collect(exchange)
    this.seen(exchange.command, input)
    const { output = [], end = { exit: 0 } } = this.host(exchange.command, input)
    for (const { to, text } of output) {
      await Promise.resolve()
      exchange[to](Buffer.from(text))
    }
    if (end === 'drop') this.#end('the host closed the connection')
    if (end === 'flood') await flood(exchange)
    if (typeof end === 'string') return new Promise(() => undefined)
    return { exitCode: end.exit, signal: null }
  }

  /** A script answers commands only. */
  forward(): Promise<never> {
    if (this.forwards === 'silent') return new Promise(() => undefined)
    return Promise.reject(new ForwardRefused('failed'))
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

function collect(exchange: Exchange): Promise<string> {
  const into = new Collected()
  return new Promise((resolve) => {
    into.once('finish', () => {
      resolve(into.text)
    })
    exchange.feed(into)
  })
}

async function flood(exchange: Exchange): Promise<void> {
  const piece = Buffer.alloc(65_536, 'y')
  while (!exchange.signal.aborted) {
    exchange.stdout(piece)
    await new Promise(setImmediate)
  }
}

/** Hosts by name, each a script, an error that connecting to it throws, or one that never lets anybody in. Everything sent is kept for the test. */
export class ScriptedDriver implements ConnectionDriver {
  readonly sent: { readonly host: string; readonly command: string; readonly input: string }[] = []
  readonly connections = new Map<string, number>()
  readonly #wires: ScriptedWire[] = []

  constructor(
    private readonly hosts: Readonly<Record<string, ScriptedHost | Error | 'silent'>>,
    private readonly forwards: Forwards = 'refused',
  ) {}

  /** Connections that nobody closed. */
  get open(): number {
    return this.#wires.filter((wire) => !wire.closed).length
  }

  connect(_target: HostConnection, { host }: ConnectOptions): Promise<Connection> {
    const script = this.hosts[host]
    if (script === undefined) throw new Error(`the test has no script for ${host}`)
    if (script instanceof Error) return Promise.reject(script)
    if (script === 'silent') return new Promise(() => undefined)
    this.connections.set(host, (this.connections.get(host) ?? 0) + 1)
    const seen = (command: string, input: string): void => {
      this.sent.push({ host, command, input })
    }
    const wire = new ScriptedWire(script, seen, this.forwards)
    this.#wires.push(wire)
    return Promise.resolve(new WireConnection(host, wire, () => Promise.resolve()))
  }
}

/** An exec request with generous limits that gives its output to nobody. */
export function request(command: string, changes: Partial<ExecRequest> = {}): ExecRequest {
  return {
    command,
    input: new Uint8Array(),
    deadlineMs: 10_000,
    maxOutputBytes: 1_000_000,
    onStdout: () => undefined,
    onStderr: () => undefined,
    ...changes,
  }
}
