import type { Secret, SecretReference } from '../model/secret.js'
import type { Certificate } from '../model/tls.js'

export interface CertificateOptions {
  /** The name that every certificate has to cover. */
  readonly domain: string
  readonly now: Date
  /** Fetches the whole text of a key. */
  readonly resolveKey: (reference: SecretReference) => Promise<Secret>
}

export interface LoadedCertificates {
  readonly certificates: readonly Certificate[]
  /** Sentences about what will need care soon. */
  readonly warnings: readonly string[]
}
