import { leftText } from '../model/lock.js'
import { ORIGINAL_RELEASE } from '../model/release.js'
import type { RevertedBy, RevertRecord } from '../model/release-store.js'
import { drillWords } from './fleet-drills.js'
import type { FleetState, HandLock, OpenRun, ServedRelease } from './fleet-state.js'

/** What a fleet's state is, a line for each thing that matters, the gravest first. */
export function fleetWords(state: FleetState): string[] {
  const { runs, unreachable, holders } = state
  return [
    ...runs.map(openRunWords),
    ...state.handLocks.map(handLockWords),
    ...drillWords(state.drills),
    servedWords(state),
    ...revertedWords(state.reverted),
    ...(holders.length > 1 ? [`several hosts have the virtual IP: ${holders.join(', ')}`] : []),
    ...(unreachable.length > 0 ? [`not known: ${unreachable.join(', ')}`] : []),
  ]
}

/** What to type next, the likeliest first; nothing when all is well. `typed` names the environment. */
export function fleetNextSteps({ word, runs }: FleetState, typed: string): string[] {
  switch (word) {
    case 'unfinished':
      return runs.filter(({ alive }) => !alive).some(publishes)
        ? [
            `gw resume ${typed} brings it to its end.`,
            `gw abort ${typed} takes every host back to what it had before.`,
          ]
        : [`gw lock release ${typed} lets the hosts go; then type again what did not end.`]
    case 'running':
      return [`gw lock status ${typed} shows who is at work, and for how long they still have the lock.`]
    case 'locked':
      return [`gw lock release ${typed} lets the gateways go.`]
    case 'mixed':
      return [
        `gw deploy ${typed} brings all hosts to one release.`,
        `gw rollback ${typed} takes all of them to the one before.`,
      ]
    case 'unpublished':
      return [`gw deploy ${typed} publishes the first release.`]
    case 'unknown':
    case 'whole':
      return []
  }
}

/** A release as people call it. */
export function releaseWords(release: string | null): string {
  if (release === null) return 'no release'
  return release === ORIGINAL_RELEASE ? 'what stood there before gw' : release
}

function publishes({ holder, trials }: OpenRun): boolean {
  return (holder?.release ?? null) !== null || Object.keys(trials).length > 0
}

export function openRunWords({ run, holder, alive, hosts, trials }: OpenRun): string {
  const who = holder === null ? '' : ` (${holder.command} by ${holder.by})`
  const where = alive ? `is at work on ${hosts.join(', ')}` : `did not end; left on ${hosts.join(', ')}`
  const unconfirmed = Object.entries(trials).map(([host, { release }]) => `${release} on ${host}`)
  const trial = unconfirmed.length === 0 ? '' : `; not confirmed: ${unconfirmed.join(', ')}`
  return `run ${run}${who} ${where}${trial}`
}

export function handLockWords({ by, since, reason, leftSeconds, hosts }: HandLock): string {
  const why = reason === '' ? '' : `: ${reason}`
  return `locked by ${by} since ${since}${why} (${leftText(leftSeconds)} left) on ${hosts.join(', ')}`
}

function servedWords({ word, release, served }: FleetState): string {
  if (word === 'unpublished') return 'no release was published yet'
  if (word === 'whole') return `whole on ${releaseWords(release)}`
  if (release !== null) return `all serve ${releaseWords(release)}`
  const parts = served.map((part) => `${partWords(part, served)} on ${part.hosts.join(', ')}`)
  if (parts.length === 0) return 'no host answered'
  return `${parts.length > 1 ? 'mixed: ' : ''}${parts.join('; ')}`
}

/** Where a name stands for several releases, it does not tell which. */
function partWords(part: ServedRelease, served: readonly ServedRelease[]): string {
  const { release, createdAt, by } = part
  const words = releaseWords(release)
  if (!served.some((other) => other !== part && other.release === release)) return words
  return createdAt === null
    ? `another ${words}, whose manifest cannot be read,`
    : `${words} of ${createdAt} by ${by}`
}

const UNDONE_BY: Readonly<Record<RevertedBy, string>> = {
  watchdog: 'its watchdog, since nobody confirmed it',
  boot: 'its boot, since nobody had confirmed it',
  gw: 'gw, since something failed',
  takeover: 'the run that took the lock over',
}

/** Hosts that undid the same in the same way stand together. */
export function revertedWords(reverted: Readonly<Record<string, RevertRecord>>): string[] {
  const shared = new Map<string, { readonly hosts: string[]; readonly record: RevertRecord }>()
  for (const [host, record] of Object.entries(reverted)) {
    const key = `${record.run} ${record.release} ${record.before} ${record.by}`
    const same = shared.get(key)
    if (same === undefined) shared.set(key, { hosts: [host], record })
    else same.hosts.push(host)
  }
  return [...shared.values()].map(({ hosts, record: { run, release, before, time, by } }) => {
    const back = `went back from ${releaseWords(release)} to ${releaseWords(before)}`
    return `${hosts.join(', ')} ${back} at ${time}, undone by ${UNDONE_BY[by]} (run ${run})`
  })
}
