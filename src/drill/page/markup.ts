/** HTML that may stand as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | Markup | readonly Markup[]

/** HTML from a template: a text in it is escaped, so that it shows as it is wherever it stands, between quotes as well. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  // A line's indentation is for those who read the template: of a page it would be half.
  const [first = '', ...others] = strings.map((text) => text.replaceAll(/\n\s*/g, '\n'))
  return new Markup(others.reduce((text, next, index) => text + shown(parts[index] ?? '') + next, first))
}

/** Nothing at all, for what is left out. */
export const NOTHING = new Markup('')

function shown(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string') return escaped(part)
  return typeof part === 'number' ? String(part) : part.map(({ text }) => text).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that no document may hold, and those that reorder what is read, are replaced. */
const FORBIDDEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}\p{Noncharacter_Code_Point}]/gu

function escaped(text: string): string {
  return text.replaceAll(FORBIDDEN, '\ufffd').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
