import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, hostKeyAlgorithms, keyType } from '../../src/connection/host-key.js'
import {
  judgeHostKey,
  knownHostsName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../src/connection/known-hosts.js'
import { anyCharacter } from '../any-character.js'

const CASES = new URL('../cases/connection/', import.meta.url)
const file = new URL('known_hosts', CASES).pathname
const known = parseKnownHosts([{ path: file, text: readFileSync(file, 'latin1') }])

interface Verdict {
  readonly title: string
  readonly host: string
  readonly port: number
  readonly key: string
  readonly state: string
  readonly authorities?: number
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, CASES), 'utf8'))
}

const verdicts = readJson('known-hosts-verdicts.json') as readonly Verdict[]
const keys = new Map(
  Object.entries(readJson('keys.json') as Record<string, { key: string; fingerprint: string }>),
)

function keyOf(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(keys.get(name)?.key ?? '', 'base64'))
}

/** A key that is nowhere on record. */
const NO_KEY = new Uint8Array([0, 0, 0, 1, 120, 0])

describe('a known_hosts file', () => {
  it.each(verdicts)('judges $title', ({ host, port, key, state, authorities }) => {
    const judged = judgeHostKey(known, host, port, keyOf(key))
    expect(judged.state).toBe(state)
    if (judged.state === 'unknown') expect(judged.authorities).toHaveLength(authorities ?? 0)
  })

  // ssh-keygen -F does not look into the keys, so it takes the line with the wrong type for a good one.
  const sound = verdicts.filter(({ host }) => host !== 'mismatch.example')
  const names = [...new Set(sound.map(({ host, port }) => `${host} ${port}`))]
  it.each(names)('has the same lines as ssh-keygen -F finds for %s', (each) => {
    const [host = '', port = ''] = each.split(' ')
    const judged = judgeHostKey(known, host, Number(port), NO_KEY)
    const lines = judged.state === 'changed' ? judged.expected.map(({ line }) => line) : []
    expect(lines).toEqual(findLines(knownHostsName(host, Number(port))))
  })

  it('passes over the lines that it cannot read', () => {
    const read = new Set(known.keys.map(({ line }) => line))
    const unread = readFileSync(file, 'latin1')
      .split('\n')
      .filter((text, index) => {
        return text.trim() !== '' && !text.startsWith('#') && !read.has(index + 1)
      })
    expect(unread.map((text) => text.split(' ')[0])).toEqual([
      'short.example',
      'mismatch.example',
      'nobase64.example',
      '@unknown-marker',
      'old.example',
    ])
  })

  it('names the file and the line of the keys that were expected', () => {
    const judged = judgeHostKey(known, 'several.example', 22, keyOf('ecdsa'))
    expect(judged.state === 'changed' && judged.expected.map(({ line }) => line)).toEqual([3, 4])
  })

  it('gives the types that are on record for a host', () => {
    expect(knownKeyTypes(known, 'several.example', 22)).toEqual(['ssh-ed25519', 'ssh-rsa'])
    expect(knownKeyTypes(known, 'x.ca.example', 22)).toEqual([])
  })

  it('reads any text without an error and trusts nothing in it by chance', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const parsed = parseKnownHosts([{ path: 'x', text }])
        expect(judgeHostKey(parsed, 'gw-1.example', 22, keyOf('ed25519')).state).toBe('unknown')
      }),
    )
  })

  it('finds a key by every name that it was recorded under, among any other lines', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/)
    const other = fc.constantFrom(
      '# note',
      '',
      'broken',
      `elsewhere.invalid ssh-rsa ${keys.get('rsa')?.key ?? ''}`,
    )
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 65_535 }), fc.array(other), (host, port, others) => {
        const line = `${knownHostsName(host, port)} ssh-ed25519 ${keys.get('ed25519')?.key ?? ''}`
        const parsed = parseKnownHosts([{ path: 'x', text: [...others, line].join('\n') }])
        expect(judgeHostKey(parsed, host, port, keyOf('ed25519')).state).toBe('trusted')
        expect(judgeHostKey(parsed, host, port, keyOf('other')).state).toBe('changed')
        expect(judgeHostKey(parsed, `x${host}`, port, keyOf('ed25519')).state).toBe('unknown')
      }),
    )
  })

  it('is quick with a pattern of many stars', () => {
    const names = `${'*a'.repeat(2000)}b`
    const parsed = parseKnownHosts([
      { path: 'x', text: `${names} ssh-ed25519 ${keys.get('ed25519')?.key ?? ''}` },
    ])
    const begin = performance.now()
    judgeHostKey(parsed, 'a'.repeat(5000), 22, keyOf('ed25519'))
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

/** The numbers of the lines that ssh-keygen finds for a name, those with a marker left out. */
function findLines(name: string): number[] {
  try {
    const text = execFileSync('ssh-keygen', ['-F', name, '-f', file], { stdio: ['ignore', 'pipe', 'ignore'] })
    return [...text.toString().matchAll(/line (\d+) *$/gm)].map((match) => Number(match[1]))
  } catch {
    return []
  }
}

describe('a host key', () => {
  it.each([...keys])('has the fingerprint that ssh-keygen shows: %s', (name, { fingerprint: expected }) => {
    expect(fingerprint(keyOf(name))).toBe(expected)
  })

  it('has no type when its bytes are no key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), (bytes) => {
        expect(keyType(bytes)).toBeNull()
      }),
    )
    expect(keyType(new Uint8Array([255, 255, 255, 255, 1, 2]))).toBeNull()
  })

  it('is asked for by the types on record first, never by RSA with SHA-1', () => {
    expect(hostKeyAlgorithms(['ssh-rsa'])[0]).toBe('rsa-sha2-512')
    expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519')
    fc.assert(
      fc.property(fc.array(fc.string()), (types) => {
        expect(hostKeyAlgorithms(types)).toHaveLength(6)
        expect(hostKeyAlgorithms(types)).not.toContain('ssh-rsa')
      }),
    )
  })
})
