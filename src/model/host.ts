import type { SecretReference } from './secret.js'

/** Which of the two connection drivers reaches the host: our own client, or the system's `ssh`. */
export type DriverName = 'ssh2' | 'openssh'

/** One hop on the way to a host, or the host itself. `port` 1 to 65535; paths are absolute. */
export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly user: string
  readonly identityFiles: readonly string[]
  /** Path of an agent's socket, `null` for none. */
  readonly agent: string | null
  /** known_hosts files, read in this order; the first is the one that `gw trust` writes. */
  readonly knownHosts: readonly string[]
}

/** How to become root: not at all, by sudo without a password, or by sudo with one. */
export type Become =
  { readonly method: 'none' } | { readonly method: 'sudo'; readonly password: SecretReference | null }

/** How `gw` reaches a host. `connectTimeoutMs` bounds everything up to the authenticated connection. */
export interface HostConnection extends Endpoint {
  readonly driver: DriverName
  readonly jump: readonly Endpoint[]
  readonly become: Become
  readonly connectTimeoutMs: number
}

/** A value that an inventory gives to a host or a group, as YAML had it. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }

/** A host of the fleet; `name` matches `[A-Za-z0-9][A-Za-z0-9._-]{0,63}` and is unique in its inventory. */
export interface Host {
  readonly name: string
  readonly groups: readonly string[]
  readonly connection: HostConnection
  /** Per-host values over per-group values over the environment's. */
  readonly values: Readonly<Record<string, Value>>
}
