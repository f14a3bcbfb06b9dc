import type { Answers, Question } from '../facts/fact.js'
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

/** What hosts said first, by their names; one that could not be asked is not among them. */
export type Survey = ReadonlyMap<string, Answers>

/** What a playbook does on hosts as they stand. */
export interface Procedure {
  readonly plays: readonly Play[]
  /** The release that all hosts have afterwards; null when releases stay as they are. */
  readonly release: string | null
  /** The release that each host has now, by its name; null for none. */
  readonly before: Readonly<Record<string, string | null>>
  /** The release that a host has on trial for another run, by its name. */
  readonly unconfirmed?: Readonly<Record<string, string>>
  /** True for one that ends a run that did not end: it takes the locks of that run even when no task has anything to change. */
  readonly settles?: boolean
}

/**
 * A playbook whose plays depend on how its hosts stand. They are asked first; what `questions` names besides is answered
 * in the same round trip, so that a run in which nothing changes needs no other.
 */
export interface SurveyedPlaybook {
  readonly name: string
  /** A group or a host; no play is for others. */
  readonly hosts: string
  readonly questions: (context: PlayContext) => readonly Question<unknown>[]
  /** @throws GwError when hosts stand so that it cannot be done */
  readonly procedure: (survey: Survey) => Procedure
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
export function takesPart({ hosts }: Pick<Play, 'hosts'>, host: Host): boolean {
  return hosts === 'all' || hosts === host.name || host.groups.includes(hosts)
}

/** What the tasks of plays ask of a host, and whether it comes last. */
export function questionsOf(plays: readonly Play[], context: PlayContext): readonly Question<unknown>[] {
  return plays.flatMap((each) => [
    ...each.tasks(context).flatMap(({ operation }) => operation.questions),
    ...(each.last === undefined ? [] : [each.last(context)]),
  ])
}
