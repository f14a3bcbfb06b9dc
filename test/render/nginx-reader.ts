/** A statement as NGINX reads it: its words, the name first, and the block behind them, if there is one. */
export interface Statement {
  readonly words: readonly string[]
  readonly body: readonly Statement[] | null
}

const SPACE = /[ \t\r\n]/
const ESCAPED: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  '"': '"',
  "'": "'",
  '\\': '\\',
}

/**
 * Reads a configuration by the rules of NGINX's own reader (ngx_conf_read_token and ngx_conf_parse), written from those
 * rules and not from our printer. @throws Error where NGINX refuses the text.
 */
export function readNginx(text: string): readonly Statement[] {
  const reader = new Reader(text)
  return reader.statements(0)
}

class Reader {
  #at = 0

  constructor(private readonly text: string) {}

  statements(depth: number): Statement[] {
    const read: Statement[] = []
    for (;;) {
      const { words, end } = this.#sentence()
      if (end === '}' && depth === 0) throw this.#refused('unexpected "}"')
      if (end === '' && depth > 0) throw this.#refused('unexpected end of file, expecting "}"')
      if (end === '}' || end === '') return read
      read.push({ words, body: end === '{' ? this.statements(depth + 1) : null })
    }
  }

  /** Words up to `;`, `{`, `}` or the end of the text. */
  #sentence(): { words: string[]; end: string } {
    const words: string[] = []
    for (;;) {
      this.#skip()
      const next = this.text.charAt(this.#at)
      if (next === '' || next === '}') {
        if (words.length > 0) throw this.#refused(next === '' ? 'unexpected end of file' : 'unexpected "}"')
        this.#at += 1
        return { words, end: next }
      }
      if (next === ';' || next === '{') {
        if (words.length === 0) throw this.#refused(`unexpected "${next}"`)
        this.#at += 1
        return { words, end: next }
      }
      words.push(next === '"' || next === "'" ? this.#quoted(next) : this.#bare())
    }
  }

  #skip(): void {
    for (;;) {
      while (SPACE.test(this.text.charAt(this.#at))) this.#at += 1
      if (this.text.charAt(this.#at) !== '#') return
      const end = this.text.indexOf('\n', this.#at)
      this.#at = end === -1 ? this.text.length : end
    }
  }

  #quoted(mark: string): string {
    let word = ''
    this.#at += 1
    while (this.text.charAt(this.#at) !== mark) word += this.#character()
    this.#at += 1
    if (!/^[ \t\r\n;{)]/.test(this.text.slice(this.#at))) throw this.#refused('unexpected text after a quote')
    return word
  }

  #bare(): string {
    let word = ''
    while (!/^(?:[ \t\r\n;{]|$)/.test(this.text.charAt(this.#at))) {
      // Here the brace of a variable's name does not open a block.
      const variable = this.text.startsWith('${', this.#at)
      word += this.#character()
      if (variable) word += this.#character()
    }
    return word
  }

  /** A backslash takes the next character with it, and stays itself before all but a few. */
  #character(): string {
    const one = this.text.charAt(this.#at)
    if (one === '') throw this.#refused('unexpected end of file in a word')
    this.#at += 1
    if (one !== '\\') return one
    const next = this.text.charAt(this.#at)
    this.#at += 1
    return ESCAPED[next] ?? one + next
  }

  #refused(why: string): Error {
    return new Error(`${why} at ${this.#at}: ${JSON.stringify(this.text.slice(0, this.#at).slice(-40))}`)
  }
}
