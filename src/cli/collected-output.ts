import { StreamCleaner } from '../shell/stream-cleaner.js'

interface Collecting {
  readonly cleaner: StreamCleaner
  readonly texts: string[]
}

/** Keeps what hosts print until the end, already cleaned, for `--json`. */
export class CollectedOutput {
  readonly #streams = new Map<string, Collecting>()

  push(host: string, stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const { cleaner, texts } = this.#stream(host, stream)
    texts.push(cleaner.push(bytes))
  }

  /** Everything that a host printed; nothing more may come. */
  of(host: string): { stdout: string; stderr: string } {
    return { stdout: this.#end(host, 'stdout'), stderr: this.#end(host, 'stderr') }
  }

  #end(host: string, stream: 'stdout' | 'stderr'): string {
    const { cleaner, texts } = this.#stream(host, stream)
    return [...texts, cleaner.end()].join('')
  }

  #stream(host: string, stream: 'stdout' | 'stderr'): Collecting {
    const key = `${stream} ${host}`
    const collecting = this.#streams.get(key) ?? { cleaner: new StreamCleaner(), texts: [] }
    this.#streams.set(key, collecting)
    return collecting
  }
}
