import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffText, sharedChanges, type ShownChange } from '../../src/cli/releases-diff-text.js'
import type { Manifest, ManifestFile } from '../../src/model/release.js'
import { changedFiles } from '../../src/release/release-diff.js'

function file(path: string, sum: string, mode = '0644'): ManifestFile {
  return { path, mode, owner: 'root', group: 'root', sha256: sum.repeat(64), size: 1 }
}

function manifest(...files: readonly ManifestFile[]): Manifest {
  const meta = { schemaVersion: 1, origin: 'deploy', createdAt: '', by: '', commit: null, gw: '' } as const
  return { ...meta, release: 'v1.1', domain: '', files }
}

describe('the files that differ between two releases', () => {
  it('are those that came, went, have another content or another mode', () => {
    const from = manifest(file('a', '1'), file('b', '1'), file('c', '1'), file('same', '1'))
    const to = manifest(file('b', '2'), file('c', '1', '0600'), file('d', '1'), file('same', '1'))
    const changes = changedFiles(from, to, [])
    expect(changes.map(({ path, kind, ownership }) => [path, kind, ownership])).toEqual([
      ['a', 'removed', ''],
      ['b', 'edited', ''],
      ['c', 'ownership', 'mode 0644 -> 0600'],
      ['d', 'added', ''],
    ])
  })

  it('are secret when only root may read either of the two', () => {
    const from = manifest(
      file('was', '1', '0600'),
      file('is', '1'),
      file('never', '1'),
      file('gone', '1', '0600'),
    )
    const to = manifest(
      file('was', '2'),
      file('is', '2', '0600'),
      file('never', '2'),
      file('new', '1', '0600'),
    )
    const changes = changedFiles(from, to, [])
    expect(changes.filter(({ secret }) => !secret).map(({ path }) => path)).toEqual(['never'])
    expect(changes).toHaveLength(5)
  })

  it('leave out what is excepted', () => {
    expect(changedFiles(manifest(file('a', '1')), manifest(file('a', '2')), ['a'])).toEqual([])
  })

  const files = fc.uniqueArray(
    fc.record({ path: fc.constantFrom('a', 'b', 'c', 'd'), sum: fc.constantFrom('1', '2') }),
    { selector: ({ path }) => path },
  )

  it('are none exactly when both are the same, and the same ones in both directions', () => {
    fc.assert(
      fc.property(files, files, (one, other) => {
        const [left, right] = [one, other].map((list) =>
          manifest(...list.map(({ path, sum }) => file(path, sum))),
        )
        if (left === undefined || right === undefined) return
        const there = changedFiles(left, right, []).map(({ path }) => path)
        expect(changedFiles(right, left, []).map(({ path }) => path)).toEqual(there)
        const text = (list: typeof one) =>
          list
            .map(({ path, sum }) => path + sum)
            .sort()
            .join()
        expect(there.length === 0).toBe(text(one) === text(other))
      }),
    )
  })
})

describe('the text of a diff', () => {
  const plain = (_style: unknown, text: string) => text
  const edited = (path: string, diff: string | null): ShownChange => {
    return { path, change: 'edited', secret: false, ownership: '', diff }
  }

  it('has what hosts share once, under their names', () => {
    const key = { ...edited('key.pem', null), secret: true }
    const moded = { ...edited('moded', null), change: 'ownership' as const, ownership: 'mode 0644 -> 0600' }
    const shared = sharedChanges([
      { host: 'gw-1', changes: [edited('nginx.conf', '-a\n+b'), key] },
      { host: 'gw-2', changes: [edited('nginx.conf', '-a\n+b'), key, edited('large', null), moded] },
    ])
    expect(diffText(shared, ['gw-3'], plain).split('\n')).toEqual([
      'gw-1, gw-2',
      '  ~ nginx.conf: edited',
      '      -a',
      '      +b',
      '  ~ key.pem: edited, a secret, not shown',
      'gw-2',
      '  ~ large: edited, no text, or too large to be shown',
      '  ~ moded: mode 0644 -> 0600',
      'gw-3',
      '  no difference',
    ])
  })
})
