import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse } from 'nginx-conf'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { revealedText } from '../../src/model/rendered-file.js'
import { OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { FIELDS, inventoryWith, textFor, USUAL, type Field } from './hostile-inventories.js'
import { readNginx, type Statement } from './nginx-reader.js'
import { acceptedCase, anyCertificates, renderCase } from './render-cases.js'

// Whatever stands in a text field of an inventory, the inventory is refused, or what NGINX and keepalived read in the
// rendered files is what they read for an ordinary text, with this one in its place: nothing more, nothing less.

/** The text of every file of every host, by host and path. */
type Rendered = ReadonlyMap<string, string>

let folder = ''
let usual: Rendered

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-texts-'))
  const rendered = await render({})
  if (rendered === null) throw new Error('the inventory with the usual texts is refused')
  usual = rendered
})

afterAll(() => rm(folder, { recursive: true }))

/** `null` when the inventory is refused. */
async function render(others: Partial<Record<Field, string>>): Promise<Rendered | null> {
  const file = join(folder, 'inventory.yml')
  await writeFile(file, stringify(inventoryWith(others)))
  const inventory = await acceptedCase(file)
  if (inventory === null) return null
  const files = renderCase(inventory, OLDEST_BUILD, anyCertificates(inventory.gateway))
  return new Map(
    files.flatMap(({ host, files }) =>
      files.map((file) => [`${host} ${file.path}`, revealedText(file)] as const),
    ),
  )
}

/** What a file says to the program that reads it. */
function meaning(path: string, text: string): readonly Statement[] {
  if (/\.(?:crt|key)$/.test(path)) return [{ words: [text], body: null }]
  // The figures that an answer 429 shows are worked out of a rate.
  const named = text.replaceAll(/set \$gw_rate_(?:limit|retry|reset) [0-9]+;/g, 'set $gw_rate_figure 1;')
  return path.endsWith('keepalived.conf') ? linesOf(named) : readNginx(named)
}

/** keepalived reads words by lines; there is no quoting in what gw writes. */
function linesOf(text: string): Statement[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^ *#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => ({ words: line.split(/[ \t]+/), body: null }))
}

/** Fields that no program reads: comments, where certificates come from, the name of a group. */
const UNREAD: readonly Field[] = ['backendName', 'group', 'certificate', 'key']

/** Where a word holds the text in another form than the inventory has it; `before` is what stands before it there. */
const FORMS: Readonly<
  Partial<Record<Field, readonly [string | RegExp, (text: string, before: string) => string]>>
> = {
  // A header becomes a variable, or a part of a path.
  requiredHeader: [
    /(\$http_)?qrequired/g,
    (text, before) => before + (before === '' ? text.toLowerCase() : variable(text.toLowerCase())),
  ],
  // A pool's cookie, and the variables that belong to it, cannot hold a dash.
  pool: [/(gw_)?qpool/g, (text, before) => before + (before === '' ? text : variable(text))],
  // A port follows.
  backendAddress: [USUAL.backendAddress, (text) => (text.includes(':') ? `[${text}]` : text)],
  allowed: [USUAL.allowed, shortest],
  trusted: [USUAL.trusted, shortest],
  internal: [USUAL.internal, shortest],
}

/** A network with its address in the one way that RFC 5952 asks for, which is that of URLs as well. */
function shortest(network: string): string {
  const [address = '', prefix] = network.split('/')
  const written = address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
  const whole = address.includes(':') ? '128' : '32'
  return prefix === undefined || prefix === whole ? written : `${written}/${prefix}`
}

function variable(text: string): string {
  return text.replaceAll('-', '_')
}

function withText(field: Field, text: string): (word: string) => string {
  const [pattern, form] = FORMS[field] ?? [USUAL[field], () => text]
  return (word) =>
    word.replaceAll(pattern, (_, before: unknown) => form(text, typeof before === 'string' ? before : ''))
}

function mapWords(statements: readonly Statement[], map: (word: string) => string): Statement[] {
  return statements.map(({ words, body }) => ({
    words: words.map(map),
    body: body === null ? null : mapWords(body, map),
  }))
}

/** The statements by another reader, of which each gives the words behind the name in one piece. */
function secondReading(text: string): readonly Statement[] {
  let root: Statement[] = []
  parse(text, (error, tree) => {
    if (error !== null) throw error
    root = statementsOf(tree?.children ?? [])
  })
  return root
}

interface Node {
  readonly name: string
  readonly value: string
  readonly isBlock: boolean
  readonly children: readonly Node[] | null
}

function statementsOf(nodes: readonly Node[]): Statement[] {
  return nodes.map(({ name, value, isBlock, children }) => {
    const [statement] = readNginx(`${name} ${value};`)
    if (statement === undefined) throw new Error(`${name} ${value} is no statement`)
    return { words: statement.words, body: isBlock ? statementsOf(children ?? []) : null }
  })
}

/** The comparison that tells where things differ takes its time, so it comes only where they do. */
function expectEqual(one: readonly Statement[], other: readonly Statement[]): void {
  if (JSON.stringify(one) !== JSON.stringify(other)) expect(one).toEqual(other)
}

/** Holds what was rendered for a text to what is rendered for the usual one. */
function expectSameBut(field: Field, text: string, rendered: Rendered): void {
  const put = withText(field, text)
  // In most words NGINX would read the name of a variable behind it, and there is no way to quote it.
  if (!UNREAD.includes(field)) expect(text).not.toContain('$')
  expect([...rendered.keys()]).toEqual([...usual.keys()].map(put))
  for (const [path, content] of usual) {
    const other = rendered.get(put(path)) ?? ''
    if (other === content) continue
    expectEqual(meaning(path, other), mapWords(meaning(path, content), put))
    if (path.includes(' nginx/')) expectEqual(secondReading(other), readNginx(other))
  }
}

describe('the usual text of', () => {
  it.each(FIELDS)('%s stands where programs read it', (field) => {
    const marked = withText(field, 'SOMETHING ELSE')
    const changed = [...usual].filter(([path, content]) => {
      const statements = meaning(path, content)
      return JSON.stringify(mapWords(statements, marked)) !== JSON.stringify(statements)
    })
    expect(changed.length > 0).toBe(!UNREAD.includes(field))
  })
})

/** Fields in which nearly everything that can be quoted is accepted. */
const QUOTED: readonly Field[] = ['responseValue', 'hstsValue']

describe('any text as', () => {
  it.each(FIELDS)('%s is refused, or read as it is and as nothing else', async (field) => {
    await fc.assert(
      fc.asyncProperty(textFor(field), async (text) => {
        const rendered = await render({ [field]: text })
        if (rendered !== null) expectSameBut(field, text, rendered)
      }),
      { numRuns: QUOTED.includes(field) ? 80 : 12 },
    )
  })
})
