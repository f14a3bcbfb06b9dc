import type { Gateway } from './gateway.js'
import type { Host } from './host.js'

/** Which question a changing command asks first: none, yes or no, or the environment's name typed out. */
export type Confirmation = 'none' | 'yes' | 'name'

/** One environment as its inventory describes it. Hosts stand in the order of the file. */
export interface Inventory {
  readonly environment: string
  /** Absolute path of the file that was loaded. */
  readonly file: string
  readonly confirm: Confirmation
  readonly hosts: readonly Host[]
  /** Names of hosts by group, in the order of the file; `all` holds every host. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Absent in an inventory that only lists hosts (an Ansible one, say). */
  readonly gateway: Gateway | null
}
