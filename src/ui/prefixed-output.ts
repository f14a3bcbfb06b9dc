import { cleanText } from '../shell/clean.js'
import type { Terminal } from './terminal.js'

/** How many bytes a line may get before it is shown without waiting for its end. */
const LONGEST_LINE = 8192

const LINE_FEED = 10

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
    for (let end = endOfLine(pending); end > 0; end = endOfLine(pending)) {
      this.#show(host, stream, pending.subarray(0, end))
      pending = pending.subarray(end)
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

  /** Shows a line with its end, or a part of one. */
  #show(host: string, stream: 'stdout' | 'stderr', line: Uint8Array): void {
    const { out, err, paintOut, paintErr } = this.#terminal
    const text = cleanText(line).replace(/\n$/, '')
    const name = host.padEnd(this.#width)
    if (stream === 'stdout') out.write(`${paintOut('cyan', name)}  ${text}\n`)
    else err.write(`${paintErr('cyan', name)}  ${text}\n`)
  }
}

/** Where the first line ends, its line feed included, or where a too long one is cut; 0 while neither is known. */
function endOfLine(bytes: Buffer): number {
  const end = bytes.subarray(0, LONGEST_LINE + 1).indexOf(LINE_FEED)
  if (end !== -1) return end + 1
  return bytes.length > LONGEST_LINE ? characterStart(bytes, LONGEST_LINE) : 0
}

/** The start of the character that the byte at `index` belongs to; what is no UTF-8 is cut anywhere. */
function characterStart(bytes: Buffer, index: number): number {
  const isContinuation = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80
  const start = [index, index - 1, index - 2, index - 3].find((at) => !isContinuation(at))
  return start ?? index
}
