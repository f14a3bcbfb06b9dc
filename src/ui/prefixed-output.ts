import { cleanText } from '../shell/clean.js'
import type { Terminal } from './terminal.js'

/** How long a line may get before it is shown without waiting for its end. */
const LONGEST_LINE = 8192

/** Shows the output of many hosts at once: whole lines, each with its host's name before it, safe for a terminal. */
export class PrefixedOutput {
  readonly #terminal: Terminal
  readonly #width: number
  readonly #pending = new Map<string, Buffer>()

  constructor(terminal: Terminal, hosts: readonly string[]) {
    this.#terminal = terminal
    this.#width = Math.max(0, ...hosts.map((host) => host.length))
  }

  push(host: string, stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const key = `${stream} ${host}`
    let pending = Buffer.concat([this.#pending.get(key) ?? Buffer.alloc(0), bytes])
    for (let end = pending.indexOf(10); end !== -1; end = pending.indexOf(10)) {
      this.#show(host, stream, pending.subarray(0, end))
      pending = pending.subarray(end + 1)
    }
    if (pending.length > LONGEST_LINE) {
      this.#show(host, stream, pending)
      pending = Buffer.alloc(0)
    }
    this.#pending.set(key, pending)
  }

  /** Shows lines that never ended. */
  end(): void {
    for (const [key, rest] of this.#pending) {
      const [stream, host] = key.split(' ')
      if (rest.length > 0 && host !== undefined)
        this.#show(host, stream === 'stderr' ? 'stderr' : 'stdout', rest)
    }
    this.#pending.clear()
  }

  #show(host: string, stream: 'stdout' | 'stderr', line: Uint8Array): void {
    const { out, err, paintOut, paintErr } = this.#terminal
    const text = cleanText(Buffer.from(line).toString())
    const name = host.padEnd(this.#width)
    if (stream === 'stdout') out.write(`${paintOut('cyan', name)}  ${text}\n`)
    else err.write(`${paintErr('cyan', name)}  ${text}\n`)
  }
}
