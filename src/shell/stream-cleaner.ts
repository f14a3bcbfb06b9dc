import { cleanText } from './clean.js'

/** How long a line may get before it is given out without waiting for its end, in bytes. */
const LONGEST_LINE = 8192

/** Makes a stream safe to print while it comes, block by block: what is held back is less than one long line. */
export class StreamCleaner {
  #pending = Buffer.alloc(0)

  /** The text that is whole by now: lines, or a piece of a line that is too long to wait for. Often empty. */
  push(bytes: Uint8Array): string {
    const joined = Buffer.concat([this.#pending, bytes])
    const lines = joined.lastIndexOf(10) + 1
    const whole = joined.length - lines > LONGEST_LINE ? wholeCharacters(joined) : lines
    // A copy: a view would keep the whole block alive.
    this.#pending = Buffer.from(joined.subarray(whole))
    return cleanText(joined.toString('utf8', 0, whole))
  }

  /** What was held back, when the stream has ended. */
  end(): string {
    const rest = this.#pending
    this.#pending = Buffer.alloc(0)
    return cleanText(rest.toString())
  }
}

/** How many of the bytes form whole UTF-8 characters: up to three at the end may wait for the rest of theirs. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes.at(-back) ?? 0
    const isContinuation = (byte & 0xc0) === 0x80
    if (isContinuation) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
