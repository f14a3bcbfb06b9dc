import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  block,
  comment,
  line,
  printKeepalived,
  type KeepalivedNode,
} from '../../src/render/keepalived/syntax.js'
import { readKeepalived, type Statement } from './keepalived-reader.js'

/** Words of any kind, often of what keepalived takes for its own. */
const anyWord = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(...'\\ " \' { } ! # @ ^ $ ~ = a _ \n \t'.split(' '), ' '),
    maxLength: 12,
  }),
  fc.constantFrom(
    'include',
    'includer',
    '$_HASH',
    '${_PWD}',
    '~SEQ(a, 1, 2)',
    '@gw-1',
    '{',
    '}',
    '"{"',
    '#!',
    '',
  ),
)
/** Those that the printer must write; it may refuse the others. */
const word = anyWord.filter((text) => !/["\\$]|^[{}]$|\p{Cc}/u.test(text))

function nodesOf(words: fc.Arbitrary<string>) {
  const some = fc.array(words, { minLength: 1, maxLength: 4 })
  return fc.letrec<{ node: KeepalivedNode; nodes: KeepalivedNode[] }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      some.map((each) => line(...each)),
      fc
        .constantFrom('a comment', '"one" {', "an apostrophe's }", '$_HASH', '')
        .map((text) => comment(text, 'x')),
      fc.tuple(some, tie('nodes')).map(([each, body]) => block(each, body)),
    ),
    nodes: fc.array(tie('node'), { maxLength: 5 }),
  })).nodes
}

/** What keepalived should read where these nodes were printed. */
function statementsOf(nodes: readonly KeepalivedNode[]): Statement[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'comment') return []
    return [{ words: node.words, body: node.kind === 'block' ? statementsOf(node.body) : null }]
  })
}

function printed(nodes: readonly KeepalivedNode[]): string | null {
  try {
    return printKeepalived(nodes)
  } catch {
    return null
  }
}

describe('the keepalived printer', () => {
  it('writes words so that keepalived reads the same ones', () => {
    fc.assert(
      fc.property(nodesOf(word), (nodes) => {
        expect(readKeepalived(printKeepalived(nodes))).toEqual(statementsOf(nodes))
      }),
      { numRuns: 500 },
    )
  })

  it('refuses every word that keepalived would read otherwise', () => {
    fc.assert(
      fc.property(nodesOf(anyWord), (nodes) => {
        const text = printed(nodes)
        if (text !== null) expect(readKeepalived(text)).toEqual(statementsOf(nodes))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['a number', 0.05, '0.05'],
    ['an address with its prefix', 'fd00::1/64', 'fd00::1/64'],
    ['a path', '/run/gw/nginx.state', '/run/gw/nginx.state'],
    ['an empty word', '', '""'],
    ['two words in one', 'a b', '"a b"'],
    ['what would be a comment', 'a!b', '"a!b"'],
    ['another one', '#', '"#"'],
    ['a brace inside a word', 'a{b', '"a{b"'],
    ['an apostrophe', "it's", '"it\'s"'],
  ])('quotes %s only as far as needed', (_title, given, text) => {
    expect(printKeepalived([line('a', given)])).toBe(`a ${text}\n`)
  })

  it.each(['@gw-1', '~SEQ(a, 1, 2)', 'include'])(
    'quotes %s where it would be an order to the reader',
    (given) => {
      expect(printKeepalived([line(given, 'a')])).toBe(`"${given}" a\n`)
    },
  )

  it.each([
    ['a quote', 'a"b'],
    ['a backslash', 'a\\b'],
    ['a definition', '$_HASH'],
    ['a brace', '{'],
    ['the other brace', '}'],
    ['a line end', 'a\nb'],
    ['a tab', 'a\tb'],
    ['a NUL', '\0'],
  ])('refuses %s, which no quotes protect', (_title, given) => {
    expect(() => printKeepalived([line('a', given)])).toThrow(JSON.stringify(given))
  })

  it('refuses a line that does not fit into the buffer of the reader', () => {
    const longest = 'ü'.repeat(509)
    const text = printKeepalived([line('a', longest)])
    expect(readKeepalived(text)).toEqual([{ words: ['a', longest], body: null }])
    expect(() => printKeepalived([line('ab', longest)])).toThrow('as two')
    expect(() => printKeepalived([comment('c'.repeat(1021))])).toThrow('as two')
  })

  it.each(['goes on \\', 'ends\nhere'])('refuses the comment %j, which would not end at its end', (text) => {
    expect(() => printKeepalived([comment(text)])).toThrow('comment')
  })

  it('refuses a line without words', () => {
    expect(() => printKeepalived([line()])).toThrow('without words')
  })

  it('indents blocks, keeps them apart, and puts a comment right above what it speaks of', () => {
    const nodes = [
      comment('first', 'second'),
      comment('of a'),
      line('a', 1),
      block(['b', 'x'], [line('c'), comment('of d'), block(['d'], [])]),
      line('e'),
    ]
    expect(printKeepalived(nodes)).toBe(
      '# first\n# second\n\n# of a\na 1\n\nb x {\n    c\n\n    # of d\n    d {\n    }\n}\n\ne\n',
    )
  })
})

describe('the reader that stands for keepalived here', () => {
  it.each([
    ['a "x', 'Unterminated quote'],
    ['a {', "Missing '}'"],
    ['}', "Extra '}'"],
    ['{', "Unexpected '{'"],
    ['a \\', 'goes on'],
    ['a "$_HASH"', 'not read here'],
    ['@id a', 'not read here'],
    ['include a', 'not read here'],
  ])('refuses %s', (text, why) => {
    expect(() => readKeepalived(text)).toThrow(why)
  })

  it('reads quotes, comments, escapes and braces as keepalived does', () => {
    const text = 'a "b # c"d \\#e ! f { g\nh "{"\n"i}" } j{ # k\n}l\n'
    expect(readKeepalived(text)).toEqual([
      { words: ['a', 'b # c', 'd', '#e'], body: null },
      { words: ['h'], body: [{ words: ['i}'], body: null }] },
      { words: ['j'], body: [] },
      { words: ['l'], body: null },
    ])
  })
})
