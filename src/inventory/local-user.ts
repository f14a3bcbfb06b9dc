import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** What an inventory leaves to the user who runs `gw`. */
export interface LocalUser {
  readonly name: string
  readonly home: string
  /** Path of the agent's socket, `null` when no agent runs. */
  readonly agent: string | null
  /** The private keys in `~/.ssh` that `ssh` would try by itself. */
  readonly identityFiles: readonly string[]
}

export function localUser(env: Environment): LocalUser {
  const home = nonEmpty(env['HOME']) ?? homedir()
  const keys = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(home, '.ssh', name))
  return {
    name: nonEmpty(env['USER']) ?? nonEmpty(env['LOGNAME']) ?? userInfo().username,
    home,
    agent: nonEmpty(env['SSH_AUTH_SOCK']),
    identityFiles: keys.filter((path) => existsSync(path)),
  }
}

/** The absolute path of one that is relative to `folder` or starts with `~/`. */
export function absolutePath(path: string, folder: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : resolve(folder, path)
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text
}
