import { GwError } from '../errors.js'
import { ORIGINAL_RELEASE } from '../model/release.js'
import type { ReleaseStore } from '../model/release-store.js'
import type { UnfinishedRun } from './unfinished-run.js'

type Stores = Readonly<Record<string, ReleaseStore>>

/** The release that every host is to have, and the one that the run which did not end was about. */
export interface SettleTargets {
  readonly release: string
  readonly targets: Readonly<Record<string, string>>
}

/**
 * What ends a run by going on: its release on all its hosts; other hosts keep what they have.
 * @throws GwError LOCK_HELD when it is still alive, NO_RUN_TO_RESUME when it published no release, RELEASE_UNKNOWN when
 *   its release does not lie on every host of it
 */
export function resumeTargets({ holder, isAlive }: UnfinishedRun, stores: Stores): SettleTargets {
  const { run, command, by, release, hosts } = holder
  if (isAlive) {
    throw new GwError('LOCK_HELD', `run ${run} (${command} by ${by}) is still alive; nothing was changed`, {
      nextSteps: ['gw lock status shows when its lease is over.', 'gw abort ends it at once.'],
    })
  }
  if (release === null) {
    throw new GwError(
      'NO_RUN_TO_RESUME',
      `run ${run} (${command} by ${by}) publishes no release; nothing was changed`,
      {
        nextSteps: [`gw lock release lets its hosts go; then type it again: ${command}`],
      },
    )
  }
  const lacking = hosts.filter((host) => stores[host]?.releases.some(({ name }) => name === release) !== true)
  if (lacking.length > 0) {
    const message = `run ${run} did not come to lay ${release} on ${lacking.join(', ')}, so it published nothing; nothing was changed`
    throw new GwError('RELEASE_UNKNOWN', message, {
      nextSteps: ['gw abort clears what it left.', `Then type it again: ${command}`],
    })
  }
  return { release, targets: kept(stores, Object.fromEntries(hosts.map((host) => [host, release]))) }
}

/**
 * What ends a run by going back: on its hosts the release from before it, where its own is confirmed already; what is not
 * confirmed is undone by taking over the locks.
 * @throws GwError RELEASE_UNKNOWN when a host that confirmed it has nothing to go back to
 */
export function abortTargets({ holder, holders }: UnfinishedRun, stores: Stores): SettleTargets {
  const { run, release } = holder
  const back = Object.entries(stores).flatMap(([host, { current, trial, previous }]): [string, string][] => {
    if (release === null || current !== release || trial?.run === run) return []
    const before = host in holders ? (holders[host]?.before ?? null) : previous
    if (before === release) return []
    if (before === null || before === ORIGINAL_RELEASE) throw nothingBefore(host, run, release)
    return [[host, before]]
  })
  const targets = kept(stores, Object.fromEntries(back))
  return { release: Object.values(targets)[0] ?? release ?? '', targets }
}

function kept(stores: Stores, targets: Readonly<Record<string, string>>): Record<string, string> {
  const current = Object.entries(stores).flatMap(([host, store]): [string, string][] =>
    store.current === null ? [] : [[host, store.trial?.before ?? store.current]],
  )
  return { ...Object.fromEntries(current), ...targets }
}

function nothingBefore(host: string, run: string, release: string): GwError {
  const message = `there was no release before ${release}, which run ${run} has confirmed; nothing was changed`
  return new GwError('RELEASE_UNKNOWN', message, {
    host,
    nextSteps: ['gw resume brings the other hosts to it.'],
  })
}
