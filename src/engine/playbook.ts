import type { Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { Operation } from '../operations/operation.js'

/** What a play knows while it lists a host's tasks. */
export interface PlayContext {
  readonly inventory: Inventory
  readonly host: Host
  /** Every host of the play, this one included. */
  readonly hosts: readonly Host[]
}

export interface Task {
  readonly name: string
  readonly operation: Operation
}

export interface Play {
  readonly name: string
  /** A group or a host. */
  readonly hosts: string
  /** How many hosts change at once; without it all of them. The next batch starts only when this one is whole. */
  readonly serial?: number
  /** Hosts of which this is true come last, e.g. the holder of the virtual IP. */
  readonly last?: (context: PlayContext) => Question<boolean>
  readonly tasks: (context: PlayContext) => readonly Task[]
}

export interface Playbook {
  readonly name: string
  readonly plays: readonly Play[]
}

/** A playbook as a value; for a file of your own, `export default playbook(...)`. */
export function playbook(value: Playbook): Playbook {
  return value
}

export function play(value: Play): Play {
  return value
}

export function task(name: string, operation: Operation): Task {
  return { name, operation }
}

/** Whether a play is for a host: it names the host, one of its groups, or `all`. */
export function takesPart({ hosts }: Play, host: Host): boolean {
  return hosts === 'all' || hosts === host.name || host.groups.includes(hosts)
}
