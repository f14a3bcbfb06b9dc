import { quote } from './quote.js'

/** A piece of POSIX shell as a value. Made by `sh`, so every word in it is either ours or quoted, or by `shellLine`. */
export class Script {
  constructor(readonly text: string) {}
}

/** What may stand in a `sh` template: a word, a number, several words, or another script. */
export type Word = string | number | readonly string[] | Script

function render(word: Word): string {
  if (word instanceof Script) return word.text
  if (typeof word === 'number') return String(word)
  if (typeof word === 'string') return quote(word)
  return word.map(quote).join(' ')
}

/**
 * Builds a script; every interpolated string is quoted, an array becomes several quoted words, a script stands as it is.
 * Common indentation of the template is removed, so that the text reads well on the wire and in a journal.
 * Backslashes stand as they are written, but `\${` gives the shell's own `${`.
 * @example sh`install -d -m ${'0755'} -- ${paths}`
 */
export function sh(strings: TemplateStringsArray, ...words: readonly Word[]): Script {
  const fixed = dedent(strings.raw.map((part) => part.replaceAll('\\${', '${')))
  let text = fixed[0] ?? ''
  words.forEach((word, index) => {
    text += render(word) + (fixed[index + 1] ?? '')
  })
  return new Script(text.trim())
}

/** A line that a person wrote for a shell: theirs to quote, and taken as it is. */
export function shellLine(text: string): Script {
  return new Script(text)
}

/** Several scripts one after the other, each on lines of its own. */
export function lines(scripts: readonly Script[]): Script {
  return new Script(scripts.map((script) => script.text).join('\n'))
}

function dedent(parts: readonly string[]): string[] {
  const last = parts.length - 1
  // The line of the closing backtick is not a line of the script.
  const indents = parts.flatMap((part, index) =>
    [...part.matchAll(index === last ? /\n([ \t]*)(?=\S)/g : /\n([ \t]*)(?=\S|$)/g)].map(
      (match) => match[1]?.length ?? 0,
    ),
  )
  const width = indents.length === 0 ? 0 : Math.min(...indents)
  return parts.map((part) => part.replaceAll(new RegExp(`\\n[ \\t]{0,${width}}`, 'g'), '\n'))
}
