import { type Script, sh } from '../shell/script.js'
import { checked } from './argument.js'

/** Who may do what with a file; `mode` has four octal digits. */
export interface Ownership {
  readonly mode: string
  readonly owner: string
  readonly group: string
}

/** What a caller says about it; the rest is `defaultMode` and root. */
export type OwnershipArguments = Partial<Ownership>

/** @throws GwError VALUE_REFUSED */
export function ownershipOf(operation: string, args: OwnershipArguments, defaultMode: string): Ownership {
  return {
    mode: checked('mode', `${operation}.mode`, args.mode ?? defaultMode),
    owner: checked('account', `${operation}.owner`, args.owner ?? 'root'),
    group: checked('account', `${operation}.group`, args.group ?? 'root'),
  }
}

/** The differences as words of a summary: "mode 0644 -> 0600". */
export function ownershipChanges(now: Ownership, wanted: Ownership): string[] {
  return (['mode', 'owner', 'group'] as const)
    .filter((property) => now[property] !== wanted[property])
    .map((property) => `${property} ${now[property]} -> ${wanted[property]}`)
}

/** Gives `path` its ownership. The owner comes first, since changing it clears set-id bits. */
export function setOwnership(path: string, wanted: Ownership): Script {
  return sh`
    chown --no-dereference -- ${`${wanted.owner}:${wanted.group}`} ${path}
    chmod -- ${wanted.mode} ${path}`
}

/** "mode 0644, root:root" */
export function describeOwnership({ mode, owner, group }: Ownership): string {
  return `mode ${mode}, ${owner}:${group}`
}
