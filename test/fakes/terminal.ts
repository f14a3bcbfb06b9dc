import { Writable } from 'node:stream'
import type { Terminal } from '../../src/ui/terminal.js'

/** A stream that keeps what is written to it. */
class Recording extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** Shows a colour as a tag: `<red>text</>`. */
function tagged(style: unknown, text: string): string {
  return `<${String(style)}>${text}</>`
}

/** A terminal that keeps what is shown. A style shows as a tag when `colours` is set. */
export class FakeTerminal implements Terminal {
  readonly #out = new Recording()
  readonly #err = new Recording()
  readonly interactive: boolean
  readonly paintOut: Terminal['paintOut']
  readonly paintErr: Terminal['paintErr']

  constructor({ interactive = false, colours = false } = {}) {
    this.interactive = interactive
    this.paintOut = colours ? tagged : (_style, text) => text
    this.paintErr = this.paintOut
  }

  // Nothing that is tested with this fake asks its stream for more than a plain one has.
  get out(): NodeJS.WriteStream {
    return this.#out as unknown as NodeJS.WriteStream
  }

  get err(): NodeJS.WriteStream {
    return this.#err as unknown as NodeJS.WriteStream
  }

  /** What was written to stdout so far. */
  get outText(): string {
    return this.#out.text
  }

  /** What was written to stderr so far. */
  get errText(): string {
    return this.#err.text
  }
}

/** A process as far as a terminal is looked for in it; a stream that is no terminal has no `isTTY`, as in Node. */
export function fakeProcess(
  terminals: readonly ('stdin' | 'stdout' | 'stderr')[],
  env: Readonly<Record<string, string>> = {},
): NodeJS.Process {
  const stream = (name: (typeof terminals)[number]) => (terminals.includes(name) ? { isTTY: true } : {})
  const process = { stdin: stream('stdin'), stdout: stream('stdout'), stderr: stream('stderr'), env }
  return process as unknown as NodeJS.Process
}
