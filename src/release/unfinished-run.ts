import { GwError } from '../errors.js'
import type { Holder, LockState } from '../model/lock.js'

/** The run that did not end, and what it was about on each of its hosts. */
export interface UnfinishedRun {
  readonly holder: Holder
  /** What its lock says, by host; of hosts where it left one. */
  readonly holders: Readonly<Record<string, Holder>>
}

/**
 * The run that has the locks of hosts; the newest one when several left theirs.
 * @throws GwError NO_RUN_TO_RESUME when there is none
 */
export function unfinishedRun(locks: Readonly<Record<string, LockState | null>>): UnfinishedRun {
  const held = Object.entries(locks).flatMap(([host, lock]) => (lock === null ? [] : [{ host, ...lock }]))
  const newest = held.toSorted((one, other) => one.holder.since.localeCompare(other.holder.since)).at(-1)
  if (newest === undefined) {
    throw new GwError('NO_RUN_TO_RESUME', 'every run on these hosts has ended; nothing was changed', {
      nextSteps: ['gw status shows what they serve.', 'gw history lists the runs from this machine.'],
    })
  }
  const own = held.filter(({ holder }) => holder.run === newest.holder.run)
  return {
    holder: newest.holder,
    holders: Object.fromEntries(own.map(({ host, holder }) => [host, holder])),
  }
}
