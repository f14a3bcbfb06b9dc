import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { nearest } from '../../src/inventory/nearest.js'
import { expandRanges } from '../../src/inventory/range.js'
import { anyText } from './any-text.js'
import { textLoader } from './text-loader.js'

const load = textLoader()

test('any text as a value comes through unchanged or is refused', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const inventory = await load(
        stringify({ hosts: { h: { address: '10.0.0.1', values: { text, list: [text] } } } }),
      )
      if (inventory !== null) expect(inventory.hosts[0]?.values).toEqual({ text, list: [text] })
    }),
    { numRuns: 100 },
  )
})

test('any printable text as a value is accepted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme-ascii' }), async (text) => {
      const inventory = await load(stringify({ hosts: { h: { address: '10.0.0.1', values: { text } } } }))
      expect(inventory?.hosts[0]?.values).toEqual({ text })
    }),
  )
})

test('any text as a path of a key comes through unchanged or is refused', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const path = `/keys/${text}`
      const inventory = await load(
        stringify({ connection: { agent: path }, hosts: { h: { address: '10.0.0.1' } } }),
      )
      // Path resolution removes what means nothing: doubled and trailing slashes, and dots.
      if (inventory !== null && !/\/\/|\/$|\/\.{1,2}(\/|$)/.test(path)) {
        expect(inventory.hosts[0]?.connection.agent).toBe(path)
      }
    }),
  )
})

test('any text as a name is refused unless it is harmless in a path, a shell and a configuration file', async () => {
  const harmless = /^[A-Za-z0-9_/:][A-Za-z0-9._@:%~/-]*$/
  await fc.assert(
    fc.asyncProperty(anyText, fc.integer({ min: 0, max: 6 }), async (text, field) => {
      const put = (index: number, usual: string): string => (index === field ? text : usual)
      const inventory = await load(
        stringify({
          connection: { user: put(0, 'ann') },
          hosts: { [put(1, 'h')]: { address: put(2, '10.0.0.1') } },
          groups: { [put(3, 'g')]: { hosts: [put(1, 'h')] } },
          gateway: {
            group: put(3, 'g'),
            domain: put(4, 'example.com'),
            vip: { address: '10.0.0.9/24', interface: put(5, 'eth0'), virtual_router_id: 1 },
            tls: 'self-signed',
            pools: { p: { group: put(3, 'g'), port: 80 } },
            routes: [{ path: put(6, '/'), pool: 'p' }],
          },
        }),
      )
      if (inventory !== null) expect(text).toMatch(harmless)
    }),
    { numRuns: 200 },
  )
})

test('any quoted text as an Ansible variable comes through unchanged or is refused', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const inventory = await load(`[all:vars]\nnote="${text}"\n[all]\nh ansible_host=10.0.0.1\n`, 'case.ini')
      // A file cannot hold half a character, and a line end ends the value.
      const same = Buffer.from(text).toString() === text && !/[\n\r]/.test(text)
      if (inventory !== null && same) expect(inventory.hosts[0]?.values).toEqual({ note: text })
    }),
  )
})

test.each(['case.yml', 'case.ini'])(
  'any text as a whole file %s is an inventory or a clean error',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        await load(text, name)
      }),
      { numRuns: 100 },
    )
  },
)

test.each([
  ['inventory/production.yml', 'case.yml'],
  ['test/cases/inventory/accepted/ansible.yml', 'case.yml'],
  ['test/cases/inventory/accepted/ansible.ini', 'case.ini'],
])('%s with any text put anywhere is an inventory or a clean error', async (path, name) => {
  const text = await readFile(join(import.meta.dirname, '../..', path), 'utf8')
  await fc.assert(
    fc.asyncProperty(anyText, fc.nat(text.length), fc.nat(20), async (inserted, at, removed) => {
      await load(text.slice(0, at) + inserted + text.slice(at + removed), name)
    }),
    { numRuns: 100 },
  )
})

test('a range has every number between its ends once', () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.nat(1023), (first, more) => {
      const words = expandRanges(`a[${first}:${first + more}]z`)
      expect(words).toHaveLength(more + 1)
      expect(new Set(words).size).toBe(more + 1)
      expect([words?.[0], words?.at(-1)]).toEqual([`a${first}z`, `a${first + more}z`])
    }),
  )
})

test('a word without a range stands for itself', () => {
  fc.assert(
    fc.property(fc.string(), (word) => {
      if (!word.includes('[')) expect(expandRanges(word)).toEqual([word])
    }),
  )
})

test('a word with one letter changed, lost, added or moved still finds itself', () => {
  const words = ['address', 'connection', 'gateway', 'virtual_router_id', 'least_conn']
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(5), fc.constantFrom('x', 'q'), (word, at, letter) => {
      const mistyped = [
        word.slice(0, at) + letter + word.slice(at + 1),
        word.slice(0, at) + word.slice(at + 1),
        word.slice(0, at) + letter + word.slice(at),
        word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
      ]
      expect(mistyped.map((each) => nearest(each, words))).toEqual([word, word, word, word])
    }),
  )
})
