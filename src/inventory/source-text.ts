import type { SourcePlace } from '../model/source.js'

/** The text of a file that a user wrote, with the places of its lines. */
export class SourceText {
  readonly #lineStarts: readonly number[]

  /**
   * @param file absolute path
   * @param label the path as messages show it
   */
  constructor(
    readonly file: string,
    readonly label: string,
    readonly text: string,
  ) {
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
  }

  /** The place of an offset in UTF-16 units; `file` of the place is the label. */
  place(offset: number): SourcePlace {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.label, line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }

  /** The lines of the text, without their ends. */
  lines(): string[] {
    return this.text.split(/\r?\n/)
  }
}

/** A piece of a source text: offsets in UTF-16 units, the end not included. */
export interface Span {
  readonly source: SourceText
  readonly start: number
  readonly end: number
}
