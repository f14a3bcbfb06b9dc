/** A tag that begins an element. */
export interface Tag {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

const VOID = ['meta', 'br', '!doctype']

const TAG = /[^<>]*(?:$|<(\/?)([!a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][\w-]*(?:="[^"<>]*")?)*)\s*(\/?)>)/y

/**
 * The tags of a document, in their order.
 * @throws Error for one that is not whole: an element that is not closed, a `<` or `>` that belongs to no tag
 */
export function tagsOf(document: string): Tag[] {
  const tags: Tag[] = []
  const open: string[] = []
  const tag = new RegExp(TAG)
  for (let at = 0; at < document.length; at = tag.lastIndex) {
    const [, closing, name, attributes = '', empty] = tag.exec(document) ?? wrong(document.slice(at))
    if (name === undefined) break
    if (closing === '/') {
      if (open.pop() !== name) wrong(document.slice(at))
    } else {
      tags.push({ name, attributes: attributesOf(attributes) })
      if (empty !== '/' && !VOID.includes(name)) open.push(name)
    }
  }
  if (open.length > 0) wrong(`the end, with ${open.join(', ')} open`)
  return tags.filter(({ name }) => name !== '!doctype')
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/([a-zA-Z][\w-]*)(?:="([^"]*)")?/g)]
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, decoded(value)]))
}

/** What one reads of a document: its texts without the tags. */
export function textOf(document: string): string {
  return decoded(document.replace(/<style>.*?<\/style>/s, '').replaceAll(/<[^>]*>/g, ' '))
}

function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

function wrong(where: string): never {
  throw new Error(`no whole document: ${where.slice(0, 160)}`)
}
