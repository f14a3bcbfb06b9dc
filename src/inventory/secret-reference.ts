import type { SecretReference } from '../model/secret.js'
import { SECRET_REFERENCE } from './patterns.js'

/** Reads `env:NAME`, `file:PATH` or `cmd:COMMAND`; `null` when the text is none of them. */
export function parseSecretReference(text: string): SecretReference | null {
  if (!SECRET_REFERENCE.test(text)) return null
  const colon = text.indexOf(':')
  const scheme = text.slice(0, colon)
  const kind = scheme === 'env' ? 'env' : scheme === 'file' ? 'file' : 'cmd'
  return { kind, name: text.slice(colon + 1).trim() }
}
