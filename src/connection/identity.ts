import { readFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import { errnoCode } from '../errors.js'

/** What an identity file is good for. Words of `problem` go into an error message as they are. */
export type Identity =
  | { readonly kind: 'private'; readonly path: string; readonly key: Buffer }
  /** Only its public half can be read here; an agent may hold the other one. */
  | { readonly kind: 'public'; readonly path: string; readonly publicKey: Buffer; readonly problem: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly problem: string }

/** Reads one identity file; what is wrong with it becomes part of the answer, never an error. */
export async function readIdentity(path: string): Promise<Identity> {
  let text: Buffer
  try {
    text = await readFile(path)
  } catch (error) {
    const code = errnoCode(error)
    return {
      kind: 'unusable',
      path,
      problem: code === 'ENOENT' ? 'there is no such file' : `not readable (${code})`,
    }
  }
  const identity = identityOf(path, text)
  if (identity.kind !== 'unusable') return identity
  // An encrypted key of the older format does not show its public half, but ssh-keygen wrote it beside.
  const beside = await readFile(`${path}.pub`).catch(() => null)
  const publicKey = beside === null ? null : publicKeyOf(beside)
  return publicKey === null ? identity : { kind: 'public', path, publicKey, problem: identity.problem }
}

function identityOf(path: string, text: Buffer): Identity {
  const protection = protectionOf(text)
  if (protection !== null) return { path, ...protection }
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error)
    return { kind: 'unusable', path, problem: 'not a private key that the ssh2 driver can read' }
  if (key.isPrivateKey()) return { kind: 'private', path, key: text }
  return { kind: 'public', path, publicKey: key.getPublicSSH(), problem: 'a public key only' }
}

function publicKeyOf(text: Buffer): Buffer | null {
  const key = ssh2.utils.parseKey(text)
  return key instanceof Error ? null : key.getPublicSSH()
}

type Protection =
  | { readonly kind: 'public'; readonly publicKey: Buffer; readonly problem: string }
  | { readonly kind: 'unusable'; readonly problem: string }

const ENCRYPTED = 'encrypted; unlock it with ssh-add and use the agent'
const HARDWARE = 'kept in a FIDO key; set `driver: openssh`'

/** Why a private key's file cannot be used as it is, read from its structure; `null` when nothing speaks against it. */
function protectionOf(text: Buffer): Protection | null {
  const pem = text.toString('latin1')
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(pem) || /^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    return { kind: 'unusable', problem: ENCRYPTED }
  }
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]*)-----END/.exec(pem)?.[1]
  return body === undefined ? null : openSshProtection(Buffer.from(body, 'base64'))
}

/** PROTOCOL.key: "openssh-key-v1\0", cipher, kdf, kdf options, number of keys, public key, private part. */
function openSshProtection(blob: Buffer): Protection | null {
  const magic = Buffer.from('openssh-key-v1\0', 'latin1')
  if (!blob.subarray(0, magic.length).equals(magic)) return null
  const [cipher, afterCipher] = stringAt(blob, magic.length)
  const [, afterKdf] = stringAt(blob, afterCipher)
  const [, afterOptions] = stringAt(blob, afterKdf)
  const [publicKey] = stringAt(blob, afterOptions + 4)
  const [type] = stringAt(publicKey, 0)
  if (type.toString('latin1').startsWith('sk-')) return { kind: 'unusable', problem: HARDWARE }
  if (cipher.toString('latin1') === 'none') return null
  return { kind: 'public', publicKey, problem: ENCRYPTED }
}

/** An SSH string (RFC 4251, 5) and where the next field starts; empty past the end. */
function stringAt(blob: Buffer, at: number): [Buffer, number] {
  if (at + 4 > blob.length) return [Buffer.alloc(0), blob.length]
  const end = at + 4 + blob.readUInt32BE(at)
  return [blob.subarray(at + 4, end), end]
}
