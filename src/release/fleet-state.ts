import type { DrillState } from '../facts/drill-state.js'
import type { Holder, LockState } from '../model/lock.js'
import type { ReleaseStore, RevertRecord, TrialState } from '../model/release-store.js'
import { identityOf } from './manifest.js'

/** A gateway host as it was seen. */
export interface HostState {
  readonly host: string
  readonly store: ReleaseStore
  readonly lock: LockState | null
  readonly drill: DrillState
  /** Whether it has the virtual IP; null for a fleet without one. */
  readonly holdsAddress: boolean | null
}

/** A run that has not let go of hosts. */
export interface OpenRun {
  readonly run: string
  /** What the lock says of it; null when only its trial is left. */
  readonly holder: Holder | null
  /** Whether its lease still runs on some host. One that is not alive did not end well. */
  readonly alive: boolean
  /** Where it has the lock or a publish that is not confirmed. */
  readonly hosts: readonly string[]
  readonly trials: Readonly<Record<string, TrialState>>
}

/** What some hosts serve. */
export interface ServedRelease {
  /** Null for no release. */
  readonly release: string | null
  /** When and by whom it was made; null when no manifest tells. */
  readonly createdAt: string | null
  readonly by: string | null
  readonly hosts: readonly string[]
}

/** A lock that a person took, for as long as it lasts. */
export interface HandLock {
  readonly by: string
  /** UTC, ISO 8601. */
  readonly since: string
  readonly reason: string
  readonly leftSeconds: number
  readonly hosts: readonly string[]
}

/**
 * What a fleet's state is called: a run has it under its lock; a person has locked it; a run did not end; a host could not be asked; its hosts
 * serve different releases; no release was ever published; all serve the same one.
 */
export type FleetWord = 'running' | 'locked' | 'unfinished' | 'unknown' | 'mixed' | 'unpublished' | 'whole'

export interface FleetState {
  readonly word: FleetWord
  /** The release that all hosts serve; null when they do not, or when that is not known. */
  readonly release: string | null
  /** Hosts by what they serve, in the order of the hosts; one name may stand for several releases. */
  readonly served: readonly ServedRelease[]
  readonly runs: readonly OpenRun[]
  /** What people hold by `gw lock acquire`. */
  readonly handLocks: readonly HandLock[]
  /** What hosts undid since their last confirmed publish, by host. */
  readonly reverted: Readonly<Record<string, RevertRecord>>
  /** What drills have left, by host: a fault that stands, or one that was undone last. */
  readonly drills: Readonly<Record<string, DrillState>>
  /** Hosts that have the virtual IP. */
  readonly holders: readonly string[]
  /** Hosts that could not be asked. */
  readonly unreachable: readonly string[]
}

/** Pure: what the hosts of a fleet together say. `unreachable` are those that could not be asked. */
export function fleetState(hosts: readonly HostState[], unreachable: readonly string[]): FleetState {
  const served = servedBy(hosts)
  const runs = openRuns(hosts)
  const handLocks = heldByHand(hosts)
  const releases = served.map(({ release }) => release)
  const word = openWord(runs, handLocks) ?? servedWord(releases, unreachable)
  return {
    word,
    release: served.length === 1 && unreachable.length === 0 ? (served[0]?.release ?? null) : null,
    served,
    runs,
    handLocks,
    reverted: Object.fromEntries(
      hosts.flatMap(({ host, store: { reverted } }) => (reverted === null ? [] : [[host, reverted]])),
    ),
    drills: Object.fromEntries(
      hosts.flatMap(({ host, drill }) =>
        drill.armed === null && drill.undone === null ? [] : [[host, drill]],
      ),
    ),
    holders: hosts.filter(({ holdsAddress }) => holdsAddress === true).map(({ host }) => host),
    unreachable,
  }
}

/** Null when nobody has the fleet. */
function openWord(runs: readonly OpenRun[], handLocks: readonly HandLock[]): FleetWord | null {
  if (runs.some(({ alive }) => !alive)) return 'unfinished'
  if (runs.length > 0) return 'running'
  return handLocks.length > 0 ? 'locked' : null
}

function servedWord(releases: readonly (string | null)[], unreachable: readonly string[]): FleetWord {
  if (releases.length > 1) return 'mixed'
  if (unreachable.length > 0 || releases.length === 0) return 'unknown'
  return releases[0] === null ? 'unpublished' : 'whole'
}

function servedBy(hosts: readonly HostState[]): ServedRelease[] {
  const shared = new Map<string, { store: ReleaseStore; hosts: string[] }>()
  for (const { host, store } of hosts) {
    const key = `${store.current} ${store.manifest === null ? '' : identityOf(store.manifest)}`
    const same = shared.get(key)
    if (same === undefined) shared.set(key, { store, hosts: [host] })
    else same.hosts.push(host)
  }
  return [...shared.values()].map(({ store: { current, manifest }, hosts: having }) => {
    const { createdAt = null, by = null } = manifest ?? {}
    return { release: current, createdAt, by, hosts: having }
  })
}

/** A lock that ran out holds nobody off any more. */
function heldByHand(hosts: readonly HostState[]): HandLock[] {
  const held = hosts.flatMap(({ host, lock }) =>
    lock?.holder.kind === 'hand' && lock.leftSeconds > 0 ? [{ host, ...lock }] : [],
  )
  const runs = new Set(held.map(({ holder }) => holder.run))
  return [...runs].flatMap((run) => {
    const locks = held.filter(({ holder }) => holder.run === run)
    const [first] = locks
    if (first === undefined) return []
    const { by, since, reason } = first.holder
    const leftSeconds = Math.max(...locks.map((lock) => lock.leftSeconds))
    return [{ by, since, reason, leftSeconds, hosts: locks.map(({ host }) => host) }]
  })
}

/** Runs that have the lock of a host, and those that left a trial behind. */
function openRuns(hosts: readonly HostState[]): OpenRun[] {
  const names = new Set(
    hosts.flatMap(({ lock, store: { trial } }) => [
      ...(lock?.holder.kind === 'run' ? [lock.holder.run] : []),
      ...(trial === null ? [] : [trial.run]),
    ]),
  )
  return [...names].map((run) => openRun(run, hosts))
}

function openRun(run: string, hosts: readonly HostState[]): OpenRun {
  const locks = hosts.flatMap(({ lock }) => (lock?.holder.run === run ? [lock] : []))
  const trials = hosts.flatMap(({ host, store: { trial } }) =>
    trial?.run === run ? [[host, trial] as const] : [],
  )
  return {
    run,
    holder: locks[0]?.holder ?? null,
    alive: locks.some(({ leftSeconds }) => leftSeconds > 0),
    hosts: hosts
      .filter(({ lock, store }) => lock?.holder.run === run || store.trial?.run === run)
      .map(({ host }) => host),
    trials: Object.fromEntries(trials),
  }
}
