import { createHash } from 'node:crypto'

/** A host's public key as it stands on the wire and in known_hosts (RFC 4253, 6.6), before base64. */
export type HostKey = Uint8Array

/** The fingerprint that OpenSSH shows: `SHA256:` and base64 without padding. */
export function fingerprint(key: HostKey): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`
}

/** The key's type (`ssh-ed25519`, `ssh-rsa`, ...), or `null` when the bytes are no key. */
export function keyType(key: HostKey): string | null {
  if (key.length < 5) return null
  const length = new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(0)
  if (length === 0 || length > 64 || key.length <= 4 + length) return null
  const type = Buffer.from(key.subarray(4, 4 + length)).toString('latin1')
  return /^[A-Za-z0-9@.-]+$/.test(type) ? type : null
}

export function sameKey(one: HostKey, other: HostKey): boolean {
  return Buffer.compare(one, other) === 0
}

const ALGORITHMS_OF_TYPE: ReadonlyMap<string, readonly HostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
])

/** The signature algorithms that we accept from a host; RSA with SHA-1 is not among them, as in OpenSSH. */
type HostKeyAlgorithm =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'rsa-sha2-512'
  | 'rsa-sha2-256'

/** All accepted algorithms, those for the types that known_hosts holds first, so that the host shows a key we know. */
export function hostKeyAlgorithms(knownTypes: readonly string[]): HostKeyAlgorithm[] {
  const ordered = [...knownTypes, ...ALGORITHMS_OF_TYPE.keys()]
  return [...new Set(ordered.flatMap((type) => ALGORITHMS_OF_TYPE.get(type) ?? []))]
}
