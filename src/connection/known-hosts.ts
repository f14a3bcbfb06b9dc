import { createHmac } from 'node:crypto'
import { keyType, sameKey, type HostKey } from './host-key.js'

/** One known_hosts file as text. */
export interface KnownHostsFile {
  readonly path: string
  readonly text: string
}

/** A line of a known_hosts file; `line` counts from 1. */
export interface KnownKey {
  readonly marker: 'none' | 'revoked' | 'cert-authority'
  /** The first field: a hashed name, or names and patterns with commas between. */
  readonly names: string
  readonly key: HostKey
  readonly file: string
  readonly line: number
}

export interface KnownHosts {
  readonly keys: readonly KnownKey[]
}

/**
 * What known_hosts says about the key that a host showed. `changed`: it holds keys for this host, of whatever type, and
 * this is none of them. `authorities` are @cert-authority lines for the host, which only the openssh driver can use.
 */
export type HostKeyState =
  | { readonly state: 'trusted'; readonly by: KnownKey }
  | { readonly state: 'unknown'; readonly authorities: readonly KnownKey[] }
  | { readonly state: 'changed'; readonly expected: readonly KnownKey[] }
  | { readonly state: 'revoked'; readonly by: KnownKey }

/** Reads known_hosts texts in the order given. Never throws: like OpenSSH it passes over what it cannot read. */
export function parseKnownHosts(files: readonly KnownHostsFile[]): KnownHosts {
  const keys: KnownKey[] = []
  for (const { path, text } of files) {
    text.split('\n').forEach((line, index) => {
      const parsed = parseLine(line.trim())
      if (parsed !== null) keys.push({ ...parsed, file: path, line: index + 1 })
    })
  }
  return { keys }
}

const MARKERS = { '@revoked': 'revoked', '@cert-authority': 'cert-authority' } as const

function parseLine(text: string): Pick<KnownKey, 'marker' | 'names' | 'key'> | null {
  if (text === '' || text.startsWith('#')) return null
  const fields = text.split(/[ \t]+/)
  const marked = text.startsWith('@')
  const marker = marked ? MARKERS[fields[0] as keyof typeof MARKERS] : 'none'
  const [names, type, base64] = marked ? fields.slice(1) : fields
  if (names === undefined || type === undefined || base64 === undefined) return null
  if (!(['none', 'revoked', 'cert-authority'] as unknown[]).includes(marker)) return null
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null
  const key = new Uint8Array(Buffer.from(base64, 'base64'))
  return keyType(key) === type ? { marker, names, key } : null
}

/** The name under which known_hosts keeps a host: the address, or `[address]:port` when the port is not 22. */
export function knownHostsName(address: string, port: number): string {
  const name = address.toLowerCase()
  return port === 22 ? name : `[${name}]:${port}`
}

/** Judges the key that `address` showed on `port`. Revocation wins over everything. */
export function judgeHostKey(known: KnownHosts, address: string, port: number, key: HostKey): HostKeyState {
  const lines = linesFor(known, knownHostsName(address, port))
  const equal = (line: KnownKey) => sameKey(line.key, key)
  // As OpenSSH does: a line without a port vouches for the same key on any port, but accuses none.
  const portless = port === 22 ? [] : linesFor(known, knownHostsName(address, 22)).filter(equal)
  const revoked = [...lines, ...portless].find((line) => line.marker === 'revoked' && equal(line))
  if (revoked !== undefined) return { state: 'revoked', by: revoked }
  const trusted = [...lines, ...portless].find((line) => line.marker === 'none' && equal(line))
  if (trusted !== undefined) return { state: 'trusted', by: trusted }
  const expected = lines.filter((line) => line.marker === 'none')
  if (expected.length > 0) return { state: 'changed', expected }
  return { state: 'unknown', authorities: lines.filter((line) => line.marker === 'cert-authority') }
}

/** The types of the keys that known_hosts holds for a host, without repetition, in the order of the files. */
export function knownKeyTypes(known: KnownHosts, address: string, port: number): string[] {
  const lines = linesFor(known, knownHostsName(address, port)).filter((line) => line.marker === 'none')
  return [...new Set(lines.flatMap((line) => keyType(line.key) ?? []))]
}

function linesFor(known: KnownHosts, name: string): KnownKey[] {
  return known.keys.filter((line) => namesMatch(line.names, name))
}

function namesMatch(names: string, name: string): boolean {
  if (names.startsWith('|')) return hashedMatch(names, name)
  let matched = false
  for (const pattern of names.split(',')) {
    const negated = pattern.startsWith('!')
    if (!globMatch((negated ? pattern.slice(1) : pattern).toLowerCase(), name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

function hashedMatch(names: string, name: string): boolean {
  const [, version, salt, hash] = names.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/** `*` and `?` only, brackets are themselves; one pass with one place to go back to, so no pattern is slow. */
function globMatch(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let index = 0
  while (index < text.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = index
    } else if (pattern[at] === '?' || pattern[at] === text[index]) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
