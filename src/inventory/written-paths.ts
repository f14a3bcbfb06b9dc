import { dirname } from 'node:path'
import type { SecretReference } from '../model/secret.js'
import { absolutePath } from './local-user.js'
import type { LocalUser } from './local-user.js'
import { parseSecretReference } from './secret-reference.js'
import { find } from './tree.js'
import type { Path, Tree } from './tree.js'

/** Makes paths of an inventory absolute: they are relative to the file that says them, which `extends` makes differ. */
export class WrittenPaths {
  constructor(
    readonly tree: Tree,
    readonly user: LocalUser,
  ) {}

  /** `path` leads to the value that says `written`. */
  absolute(written: string, path: Path): string {
    const { value, key } = find(this.tree, path)
    return absolutePath(written, dirname((value?.span ?? key).source.file), this.user.home)
  }

  /** The reference of a text that the schema has accepted as one. */
  secret(written: string, path: Path): SecretReference {
    const reference = parseSecretReference(written) ?? { kind: 'file', name: written }
    return reference.kind === 'file' ? { kind: 'file', name: this.absolute(reference.name, path) } : reference
  }
}
