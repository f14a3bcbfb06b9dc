/** What stands where a secret would have been shown. */
export const MASK = '***'

/**
 * A secret value that cannot be shown by accident: every way of turning it into text gives the mask.
 * Only `reveal()` gives the value, to be written to a host's standard input and nowhere else.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK
  }
}

/**
 * Where a secret is to be found; the inventory holds references only, never values.
 * `env` names a variable, `file` a path, `cmd` a local command line whose first output line is the value, or all of whose
 * output is a key.
 */
export interface SecretReference {
  readonly kind: 'env' | 'file' | 'cmd'
  readonly name: string
}

/** The reference as an inventory writes it; never the value. */
export function formatSecretReference(reference: SecretReference): string {
  return `${reference.kind}:${reference.name}`
}
