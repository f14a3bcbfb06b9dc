import { GwError } from '../errors.js'
import { nextRelease } from '../model/release.js'
import { settledRelease, type ReleaseStore } from '../model/release-store.js'
import { identityOf, type ReleaseMeta } from './manifest.js'

/** What becomes of files that were edited by hand: the deploy stops, they become a release first, or they are put aside. */
export type DriftPolicy = 'refuse' | 'adopt' | 'overwrite'

/** What a deploy was asked for. */
export interface DeployIntent {
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly leaseMs: number
  readonly unprotected: boolean
  /** The name that the release gets; null for the next one. Matches RELEASE_NAME. */
  readonly release: string | null
  readonly drift: DriftPolicy
  readonly meta: ReleaseMeta
}

/** What a deploy does with the releases of its hosts. */
export interface DeployPlan {
  /** The release that every host has afterwards. */
  readonly release: string
  /** False when every host has it already. */
  readonly required: boolean
  /** The name under which hand-edited files are kept first; null for a deploy that adopts nothing. */
  readonly adopted: string | null
  readonly stores: Readonly<Record<string, ReleaseStore>>
}

/** What is known of a host's current release. */
export interface Standing {
  readonly store: ReleaseStore
  /** Whether it has the files that are wanted. */
  readonly isWanted: boolean
  /** Whether it was edited by hand. */
  readonly isEdited: boolean
}

/**
 * Names the release of a deploy: the one that all hosts have, when each has what it is to have, else a new one for all of
 * them.
 * @throws GwError RELEASE_EXISTS when the name that was asked for is taken
 */
export function planDeploy(
  standings: Readonly<Record<string, Standing>>,
  { release, drift }: Pick<DeployIntent, 'release' | 'drift'>,
): DeployPlan {
  const hosts = Object.entries(standings)
  const stores = Object.fromEntries(hosts.map(([host, { store }]) => [host, store]))
  const current = commonRelease(stores)
  // What is on trial for another run is taken back when its lock is taken over.
  const isSettled = hosts.every(([, { store }]) => store.trial === null)
  if (
    current !== null &&
    isSettled &&
    (release === null || release === current) &&
    hosts.every(([, standing]) => standing.isWanted && !standing.isEdited)
  ) {
    return { release: current, required: false, adopted: null, stores }
  }
  const names = hosts.flatMap(([, { store }]) => store.releases.map(({ name }) => name))
  const adopts = drift === 'adopt' && hosts.some(([, { isEdited }]) => isEdited)
  const adopted = adopts ? nextRelease([...names, ...(release === null ? [] : [release])]) : null
  const named = release ?? nextRelease(adopted === null ? names : [...names, adopted])
  if (release !== null) refuseTaken(release, stores)
  return { release: named, required: true, adopted, stores }
}

/** The release that each host has before a deploy; what is adopted is what was live. Null for none. */
export function releasesBefore({ adopted, stores }: DeployPlan): Record<string, string | null> {
  const before = Object.entries(stores).map(([host, store]) => {
    const settled = settledRelease(store)
    return [host, settled === null ? null : (adopted ?? settled)] as const
  })
  return Object.fromEntries(before)
}

/** The release that all hosts have; null when they differ, or have none of gw's, or another one under the same name. */
function commonRelease(stores: Readonly<Record<string, ReleaseStore>>): string | null {
  const seen = Object.values(stores)
  const current = new Set(seen.map((store) => store.current))
  const identities = new Set(seen.map(({ manifest }) => manifest && identityOf(manifest)))
  const [only] = current
  return current.size === 1 && identities.size === 1 ? (only ?? null) : null
}

/** What was served once under a name is what that name stands for. */
function refuseTaken(name: string, stores: Readonly<Record<string, ReleaseStore>>): void {
  const taken = Object.entries(stores).filter(
    ([, store]) =>
      settledRelease(store) === name ||
      store.previous === name ||
      store.releases.some((release) => release.name === name && release.confirmed !== null),
  )
  const [first] = taken
  if (first === undefined) return
  const hosts = taken.map(([host]) => host).join(', ')
  const next = nextRelease(Object.values(stores).flatMap(({ releases }) => releases.map((each) => each.name)))
  const message = `there is a release ${name} already, on ${hosts}, and what is wanted now differs from it; nothing was changed`
  throw new GwError('RELEASE_EXISTS', message, {
    nextSteps: [
      `Leave --release out for ${next}, or give another name.`,
      `gw rollback ENV --to ${name} publishes that release as it is.`,
    ],
  })
}
