import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, comment, directive, printNginx, type NginxNode } from '../../src/render/nginx/syntax.js'
import { readNginx, type Statement } from './nginx-reader.js'

/** Words as an inventory may hold them: anything but control characters, often what NGINX takes for its own. */
const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text)),
  fc.string({
    unit: fc.constantFrom(...'\\ " \' { } ; # $ ( ) n r t ~ a /'.split(' '), ' ', '\u00a0'),
    maxLength: 12,
  }),
)
const name = fc.stringMatching(/^[a-z_]{1,12}$/)

const statement = fc.letrec<{ node: NginxNode; nodes: NginxNode[] }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(name, fc.array(word, { maxLength: 4 }))
      .map(([directiveName, words]) => directive(directiveName, ...words)),
    fc.constantFrom('a comment', 'one; with "signs" {', "an apostrophe's").map(comment),
    fc
      .tuple(name, fc.array(word, { maxLength: 3 }), tie('nodes'))
      .map(([blockName, words, body]) => block(blockName, words, body)),
  ),
  nodes: fc.array(tie('node'), { maxLength: 5 }),
})).nodes

/** What NGINX should read where these nodes were printed. */
function statementsOf(nodes: readonly NginxNode[]): Statement[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'comment') return []
    const body = node.kind === 'block' ? statementsOf(node.body) : null
    return [{ words: [node.name, ...node.words], body }]
  })
}

describe('the NGINX printer', () => {
  it('writes any words so that NGINX reads the same ones', () => {
    fc.assert(
      fc.property(statement, (nodes) => {
        expect(readNginx(printNginx(nodes))).toEqual(statementsOf(nodes))
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['a number', [80], 'd 80;\n'],
    ['an empty word', [''], 'd "";\n'],
    ['JSON', ['{"a":"$b"}'], `d '{"a":"$b"}';\n`],
    ['both quotes', [`'"`], `d "'\\"";\n`],
    ['a backslash before a letter', ['\\n'], 'd "\\\\n";\n'],
    ['what would be a comment', ['#'], 'd "#";\n'],
    ['what would end the directive', ['a; b'], 'd "a; b";\n'],
  ] as const)('quotes %s only as far as needed', (_title, words, text) => {
    expect(printNginx([directive('d', ...words)])).toBe(text)
  })

  it('indents blocks and keeps them apart', () => {
    const nodes = [
      comment('first'),
      directive('a', 1),
      block('b', ['x'], [directive('c'), block('d', [], [])]),
      comment('last'),
    ]
    expect(printNginx(nodes)).toBe('# first\na 1;\n\nb x {\n    c;\n\n    d {\n    }\n}\n\n# last\n')
  })
})

describe('the reader that stands for NGINX here', () => {
  it.each([
    ['a "x"y;', 'after a quote'],
    ['a "x;', 'end of file in a word'],
    ['a b', 'end of file'],
    ['}', 'unexpected "}"'],
    ['a {', 'expecting "}"'],
    [';', 'unexpected ";"'],
  ])('refuses %s', (text, why) => {
    expect(() => readNginx(text)).toThrow(why)
  })

  it('reads variables, escapes and comments as NGINX does', () => {
    expect(readNginx('a ${b}c \\;d e#f "\\t\\x"; # g {\n')).toEqual([
      { words: ['a', '${b}c', '\\;d', 'e#f', '\t\\x'], body: null },
    ])
  })
})
