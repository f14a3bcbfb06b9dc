import { GwError } from '../errors.js'
import type { Holder, LockState } from '../model/lock.js'

/** The run that did not end, and what it was about on each of its hosts. */
export interface UnfinishedRun {
  readonly holder: Holder
  /** What its lock says, by host; of hosts where it left one. */
  readonly holders: Readonly<Record<string, Holder>>
}

type Locks = Readonly<Record<string, LockState | null>>

/**
 * The run that has the locks of hosts; the newest one when several left theirs.
 * @throws GwError NO_RUN_TO_RESUME when there is none
 */
export function unfinishedRun(locks: Locks): UnfinishedRun {
  const run = newestRun(locks)
  if (run !== null) return run
  throw new GwError('NO_RUN_TO_RESUME', 'every run on these hosts has ended; nothing was changed', {
    nextSteps: ['gw status ENV shows what they serve.', 'gw history lists the runs from this machine.'],
  })
}

/** The same; null when there is none. A lock that a person took by hand is no run. */
export function newestRun(locks: Locks): UnfinishedRun | null {
  const held = Object.entries(locks).flatMap(([host, lock]) =>
    lock?.holder.kind === 'run' ? [{ host, ...lock }] : [],
  )
  const newest = held.toSorted((one, other) => one.holder.since.localeCompare(other.holder.since)).at(-1)
  if (newest === undefined) return null
  const own = held.filter(({ holder }) => holder.run === newest.holder.run)
  return {
    holder: newest.holder,
    holders: Object.fromEntries(own.map(({ host, holder }) => [host, holder])),
  }
}
