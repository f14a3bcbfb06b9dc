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
    const pending = Buffer.concat([this.#pending.get(key) ?? Buffer.alloc(0), bytes])
    let text = ''
    let [from, to] = [0, 0]
    for (let size = endOfLine(pending); size > 0; size = endOfLine(pending.subarray(to))) {
      to += size
      if (pending[to - 1] === LINE_FEED) continue
      text += this.#lines(host, stream, pending.subarray(from, to))
      from = to
    }
    // Many short lines are cleaned and written as one: millions of writes would wait in a queue.
    text += this.#lines(host, stream, pending.subarray(from, to))
    this.#pending.set(key, pending.subarray(to))
    this.#write(stream, text)
  }

  /** Shows lines that never ended. */
  end(): void {
    for (const [key, rest] of this.#pending) {
      const [name, host] = key.split(' ')
      const stream = name === 'stderr' ? 'stderr' : 'stdout'
      if (host !== undefined) this.#write(stream, this.#lines(host, stream, rest))
    }
    this.#pending.clear()
  }

  /** Whole lines, of which the last may be a part of one, each behind its host's name. */
  #lines(host: string, stream: 'stdout' | 'stderr', bytes: Buffer): string {
    if (bytes.length === 0) return ''
    const { paintOut, paintErr } = this.#terminal
    const name = host.padEnd(this.#width)
    const prefix = `${stream === 'stdout' ? paintOut('cyan', name) : paintErr('cyan', name)}  `
    const text = cleanText(bytes.toString()).replace(/\n$/, '')
    return `${prefix}${text.split('\n').join(`\n${prefix}`)}\n`
  }

  #write(stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return
    const { out, err } = this.#terminal
    const to = stream === 'stdout' ? out : err
    to.write(text)
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
