import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manifestText, parseManifest, readManifest } from '../../src/model/manifest.js'
import { compareReleases, type Manifest, nextRelease, RELEASE_NAME } from '../../src/model/release.js'

const number = fc.oneof(fc.nat(20), fc.nat(999_999), fc.constant(999_999))
const releaseName = fc.array(number, { minLength: 2, maxLength: 3 }).map((numbers) => `v${numbers.join('.')}`)
const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/\p{Cc}/u.test(text))
const path = fc
  .array(fc.stringMatching(/^[a-z0-9_][a-zA-Z0-9._-]{0,8}$/), { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'))
const file = fc.record({
  path,
  mode: fc.constantFrom('0600', '0644', '0755'),
  owner: fc.constantFrom('root', 'www-data'),
  group: fc.constantFrom('root', '_apt'),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  size: fc.nat(),
})
const manifest: fc.Arbitrary<Manifest> = fc.record({
  schemaVersion: fc.constant(1 as const),
  release: releaseName,
  origin: fc.constantFrom('deploy' as const, 'adopted' as const, 'restored' as const),
  createdAt: fc
    .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  by: line,
  commit: fc.option(fc.stringMatching(/^[0-9a-f]{40}(-dirty)?$/)),
  gw: line,
  domain: line,
  // No file is a folder of another one: the last names are a kind of their own.
  files: fc
    .uniqueArray(file, { selector: (each) => each.path, maxLength: 12 })
    .map((files) => files.map((each) => ({ ...each, path: `${each.path}.FILE` }))),
})

const WHOLE: Manifest = {
  schemaVersion: 1,
  release: 'v1.2',
  origin: 'deploy',
  createdAt: '2026-11-21T16:30:00Z',
  by: 'alice@laptop',
  commit: null,
  gw: '0.1.0',
  domain: 'api.example.com',
  files: [
    { path: 'a/b.conf', mode: '0644', owner: 'root', group: 'root', sha256: 'a'.repeat(64), size: 3 },
    { path: 'key', mode: '0600', owner: 'root', group: 'root', sha256: 'b'.repeat(64), size: 0 },
  ],
}
const [FIRST] = WHOLE.files

describe('a manifest', () => {
  it('reads back what it wrote, the same text for any order of files', () => {
    fc.assert(
      fc.property(manifest, (any) => {
        const text = manifestText(any)
        const sorted = [...any.files].sort((one, other) => (one.path < other.path ? -1 : 1))
        expect(parseManifest(text)).toEqual({ ...any, files: sorted })
        expect(manifestText({ ...any, files: [...any.files].reverse() })).toBe(text)
        expect(text.trimEnd().split('\n')).toHaveLength(
          any.files.length + 2 + (any.files.length === 0 ? 1 : 0),
        )
      }),
    )
  })

  it('is no other text: none with a character more, less or another, and none at random', () => {
    const text = manifestText(WHOLE)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), fc.nat(2), (at, put, cut) => {
        const other = text.slice(0, at) + put + text.slice(at + cut)
        const read = readManifest(other)
        // What still reads is a whole manifest in gw's own words, say of another time.
        if (read !== null) expect(manifestText(read)).toBe(other)
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (other) => {
        expect(readManifest(other)).toBeNull()
      }),
    )
  })

  it.each<[string, object]>([
    ['another schema', { schemaVersion: 2 }],
    ['the name of the original', { release: 'original' }],
    ['a name with a leading zero', { release: 'v1.02' }],
    ['an unknown origin', { origin: 'magic' }],
    ['a time without a zone', { createdAt: '2026-11-21T16:30:00' }],
    ['a name over two lines', { by: 'alice\nbob' }],
    ['a commit that is none', { commit: 'main' }],
    ['no domain', { domain: undefined }],
    ['a file twice', { files: [FIRST, FIRST] }],
    ['a file in place of a folder', { files: [{ ...FIRST, path: 'a' }, FIRST] }],
    ...[
      '../x',
      '/x',
      'a/../b',
      './a',
      'a//b',
      'a/',
      '',
      '.hidden',
      '-x',
      'a b',
      'a\nb',
      'ä',
      'manifest.json',
    ].map((path): [string, object] => [
      `a file with the path ${JSON.stringify(path)}`,
      { files: [{ ...FIRST, path }] },
    ]),
    ['a set-id bit', { files: [{ ...FIRST, mode: '4755' }] }],
    ['a mode for everybody', { files: [{ ...FIRST, mode: '0666' }] }],
    ['a mode that is a number', { files: [{ ...FIRST, mode: 644 }] }],
    ['an owner with a colon', { files: [{ ...FIRST, owner: 'root:root' }] }],
    ['a short sum', { files: [{ ...FIRST, sha256: 'abc' }] }],
    ['a sum in capitals', { files: [{ ...FIRST, sha256: 'A'.repeat(64) }] }],
    ['a negative size', { files: [{ ...FIRST, size: -1 }] }],
    ['a size that is no number', { files: [{ ...FIRST, size: '3' }] }],
  ])('is neither written nor read with %s', (_title, wrong) => {
    const value = { ...WHOLE, ...wrong } as Manifest
    expect(() => manifestText(value)).toThrow()
    expect(readManifest(inOwnWords(value))).toBeNull()
  })

  it.each<[string, (text: string) => string]>([
    ['a key more', (text) => text.replace('{"schemaVersion":1,', '{"schemaVersion":1,"more":1,')],
    ['a key twice', (text) => text.replace('"gw":', '"gw":"9","gw":')],
    ['a key of a file more', (text) => text.replace('"size":3}', '"size":3,"more":1}')],
    ['its files in another order', (text) => text.replace(/(\{"path.*),\n(.*)/, '$2,\n$1')],
    ['its files on one line', (text) => text.replaceAll('\n', '')],
    ['a text behind it', (text) => `${text}\n`],
  ])('is not read with %s', (_title, edit) => {
    const text = manifestText(WHOLE)
    expect(edit(text)).not.toBe(text)
    expect(() => parseManifest(edit(text))).toThrow()
  })

  it('is read as the tests above write it', () => {
    expect(inOwnWords(WHOLE)).toBe(manifestText(WHOLE))
  })
})

/** A manifest as gw writes one, whatever it says. */
function inOwnWords({ files, ...head }: Manifest): string {
  const rows = files.map((each) => JSON.stringify(each)).join(',\n')
  return `${JSON.stringify(head).slice(0, -1)},"files":[\n${rows}\n]}\n`
}

describe('names of releases', () => {
  it('have a next one that is higher than all, and a name itself', () => {
    const before = fc
      .array(releaseName, { minLength: 1 })
      .filter((names) => !names.some((name) => name.startsWith('v999999.999999')))
    fc.assert(
      fc.property(before, fc.array(fc.string()), (names, others) => {
        const next = nextRelease([...names, ...others.filter((name) => !RELEASE_NAME.test(name))])
        expect(next).toMatch(RELEASE_NAME)
        for (const name of names) expect(compareReleases(next, name)).toBeGreaterThan(0)
      }),
    )
  })

  it.each([
    [[], 'v1.0'],
    [['v1.9', 'v1.10'], 'v1.11'],
    [['v1.2.3'], 'v1.3'],
    [['v1.999999'], 'v2.0'],
    [['original', 'v01.5', 'v7'], 'v1.0'],
  ])('after %j come %s', (names, next) => {
    expect(nextRelease(names)).toBe(next)
  })

  it('come to an end', () => {
    expect(() => nextRelease(['v999999.999999'])).toThrow()
  })
})
