import { hostname } from 'node:os'
import { localUser } from '../inventory/local-user.js'
import { cleanLine } from '../shell/clean.js'

/** Who types, and where: `alice@laptop`. For locks, manifests and journals. */
export function operatorName(): string {
  return cleanLine(`${localUser(process.env).name}@${hostname()}`).replaceAll(/[^A-Za-z0-9._@-]/g, '-')
}
