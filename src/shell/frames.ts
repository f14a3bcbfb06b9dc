/**
 * A frame is a token, words and a line feed. Everything else is text, byte for byte: a frame may follow it on the same
 * line. The token is random, and nothing on a host knows it before the program that carries it has printed it.
 */
export interface FrameListener {
  /** Text as it arrives, in order. */
  onText(bytes: Buffer): void
  onFrame(words: readonly string[]): void
}

/** Shell that prints a frame; `words` is shell source, e.g. `end 3 "$?"`. */
export function frame(words: string): string {
  return `gw_frame ${words}`
}

/** Shell that defines `frame`'s function for `token`. */
export function frameFunction(token: string): string {
  return `gw_frame() { printf '${token} %s\\n' "$*"; }`
}

/** Takes a stream apart into text and frames; holds back no more than one unfinished frame. */
export class FrameReader {
  readonly #mark: Buffer
  readonly #listener: FrameListener
  #pending: Buffer = Buffer.alloc(0)

  constructor(token: string, listener: FrameListener) {
    this.#mark = Buffer.from(`${token} `)
    this.#listener = listener
  }

  push(chunk: Uint8Array): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    for (;;) {
      const start = this.#pending.indexOf(this.#mark)
      if (start === -1) break
      const end = this.#pending.indexOf('\n', start + this.#mark.length)
      if (end === -1) {
        this.#emitText(start)
        return
      }
      this.#emitText(start)
      const line = this.#pending.subarray(this.#mark.length, end - start)
      this.#pending = this.#pending.subarray(end - start + 1)
      this.#listener.onFrame(line.toString().split(' '))
    }
    this.#emitText(this.#pending.length - partialMark(this.#pending, this.#mark))
  }

  /** Gives out what was held back; call it when the stream has ended. */
  end(): void {
    this.#emitText(this.#pending.length)
  }

  #emitText(length: number): void {
    if (length > 0) this.#listener.onText(this.#pending.subarray(0, length))
    this.#pending = this.#pending.subarray(length)
  }
}

/** How many bytes at the end of `bytes` could be the beginning of `mark`. */
function partialMark(bytes: Buffer, mark: Buffer): number {
  for (let size = Math.min(bytes.length, mark.length - 1); size > 0; size--) {
    if (bytes.subarray(bytes.length - size).equals(mark.subarray(0, size))) return size
  }
  return 0
}

/** For a program whose only answer is that it came to its end. */
export const NO_LISTENER: FrameListener = { onText: () => undefined, onFrame: () => undefined }

/** A listener that is given each frame with the text since the one before it. */
export function framesWithText(onFrame: (words: readonly string[], text: string) => void): FrameListener {
  let text: Buffer[] = []
  return {
    onText: (bytes) => {
      text.push(bytes)
    },
    onFrame: (words) => {
      onFrame(words, Buffer.concat(text).toString())
      text = []
    },
  }
}
