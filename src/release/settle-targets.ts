import { GwError } from '../errors.js'
import { ORIGINAL_RELEASE } from '../model/release.js'
import { settledRelease, type ReleaseStore } from '../model/release-store.js'
import type { UnfinishedRun } from './unfinished-run.js'

type Stores = Readonly<Record<string, ReleaseStore>>

/** The release that the run which did not end was about, and what its hosts are to have; others are left alone. */
export interface SettleTargets {
  readonly release: string
  readonly targets: Readonly<Record<string, string>>
}

/**
 * What ends a run by going on: its release on all its hosts. One that is still alive has its locks, which are asked for
 * before anything is changed.
 * @throws GwError NO_RUN_TO_RESUME when it published no release, RELEASE_UNKNOWN when its release does not lie on every
 *   host of it
 */
export function resumeTargets({ holder }: UnfinishedRun, stores: Stores): SettleTargets {
  const { run, command, by, release, hosts } = holder
  if (release === null) {
    throw new GwError(
      'NO_RUN_TO_RESUME',
      `run ${run} (${command} by ${by}) publishes no release; nothing was changed`,
      {
        nextSteps: [`gw lock release ENV lets its hosts go; then type it again: ${command}`],
      },
    )
  }
  const lacking = hosts.filter((host) => stores[host]?.releases.some(({ name }) => name === release) !== true)
  if (lacking.length > 0) {
    const message = `run ${run} did not come to lay ${release} on ${lacking.join(', ')}, so it published nothing; nothing was changed`
    throw new GwError('RELEASE_UNKNOWN', message, {
      nextSteps: ['gw abort ENV clears what it left.', `Then type it again: ${command}`],
    })
  }
  return { release, targets: Object.fromEntries(hosts.map((host) => [host, release])) }
}

/**
 * What ends a run by going back: on its hosts the release from before it, where its own is confirmed already; what is not
 * confirmed is undone by taking over the locks.
 * @throws GwError RELEASE_UNKNOWN when a host that confirmed it has nothing to go back to
 */
export function abortTargets(unfinished: UnfinishedRun, stores: Stores): SettleTargets {
  const { holder, holders } = unfinished
  const targets = Object.entries(stores)
    .filter(([host]) => host in holders || holder.hosts.includes(host))
    .flatMap(([host, store]): [string, string][] => {
      const target = targetBack(host, unfinished, store)
      return target === null ? [] : [[host, target]]
    })
  return { release: targets[0]?.[1] ?? holder.release ?? '', targets: Object.fromEntries(targets) }
}

/** Null for a host that has no release. */
function targetBack(
  host: string,
  { holder: { run, release }, holders }: UnfinishedRun,
  store: ReleaseStore,
): string | null {
  if (release === null || store.current !== release || store.trial?.run === run) return settledRelease(store)
  const before = host in holders ? (holders[host]?.before ?? null) : store.previous
  if (before === null || before === ORIGINAL_RELEASE) throw nothingBefore(host, run, release)
  return before
}

function nothingBefore(host: string, run: string, release: string): GwError {
  const message = `there was no release before ${release}, which run ${run} has confirmed; nothing was changed`
  return new GwError('RELEASE_UNKNOWN', message, {
    host,
    nextSteps: ['gw resume ENV brings the other hosts to it.'],
  })
}
