import type { Secret, SecretReference } from './secret.js'

/** Where a gateway's certificates come from; paths are absolute. */
export type Tls =
  | { readonly kind: 'files'; readonly pairs: readonly CertificateFiles[] }
  /** A CA and a certificate that gw makes itself and keeps in `folder`: for labs. */
  | { readonly kind: 'self-signed'; readonly folder: string }

/** `certificate` is a PEM file: the server's own certificate first, then those that lead to the root. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: SecretReference
}

/** A certificate that passed every check, with its key; a gateway has at most one of each algorithm. */
export interface Certificate {
  readonly algorithm: 'rsa' | 'ecdsa'
  /** PEM, the server's own certificate first. */
  readonly chain: string
  /** PEM. */
  readonly key: Secret
}
