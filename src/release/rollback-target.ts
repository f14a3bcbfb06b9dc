import { GwError } from '../errors.js'
import type { ReleaseStore, StoredRelease } from '../model/release-store.js'
import { compareReleases } from '../model/release.js'

type Stores = Readonly<Record<string, ReleaseStore>>

/**
 * The release to go back to: the one that was asked for, else the last one that was confirmed on every host and that no
 * host had after its current one.
 * @throws GwError RELEASE_UNKNOWN when there is none
 */
export function rollbackTarget(stores: Stores, wanted: string | null): string {
  return wanted === null ? lastConfirmed(stores) : knownEverywhere(stores, wanted)
}

function lastConfirmed(stores: Stores): string {
  const hosts = Object.values(stores)
  const candidates = (hosts[0]?.releases ?? [])
    .filter(({ name }) => hosts.every((store) => isConfirmed(store, name) && !comesAfterCurrent(store, name)))
    .filter(({ name }) => hosts.some(({ current }) => current !== name))
  const target = candidates.at(-1)?.name
  if (target !== undefined) return target
  throw new GwError(
    'RELEASE_UNKNOWN',
    'there is no release to go back to: none before the current one was confirmed on every host',
    {
      nextSteps: ['gw releases lists what there is; gw rollback --to NAME goes to any confirmed one.'],
    },
  )
}

function comesAfterCurrent({ current, releases }: ReleaseStore, name: string): boolean {
  const [now, then] = [placeOf(releases, current), placeOf(releases, name)]
  return now !== -1 && then > now
}

function placeOf(releases: readonly StoredRelease[], name: string | null): number {
  return releases.findIndex((release) => release.name === name)
}

function isConfirmed({ releases }: ReleaseStore, name: string): boolean {
  return releases.some((release) => release.name === name && release.confirmed !== null)
}

function knownEverywhere(stores: Stores, wanted: string): string {
  const hosts = Object.entries(stores)
  const lacking = hosts.filter(([, { releases }]) => !releases.some(({ name }) => name === wanted))
  if (lacking.length > 0) {
    throw unknown(
      stores,
      `there is no release ${wanted} on ${lacking.map(([host]) => host).join(', ')}; nothing was changed`,
    )
  }
  if (hosts.some(([, store]) => isConfirmed(store, wanted))) return wanted
  throw unknown(
    stores,
    `${wanted} was never confirmed on any gateway, so nobody knows that it serves; nothing was changed`,
  )
}

function unknown(stores: Stores, message: string): GwError {
  const confirmed = Object.values(stores).map((store) =>
    store.releases.filter(({ name }) => isConfirmed(store, name)).map(({ name }) => name),
  )
  const common = (confirmed[0] ?? []).filter((name) => confirmed.every((names) => names.includes(name)))
  return new GwError('RELEASE_UNKNOWN', message, {
    nextSteps: [
      ...(common.length === 0
        ? []
        : [`Confirmed on all of them: ${common.toSorted(compareReleases).join(', ')}`]),
      'gw releases lists what there is, and where.',
    ],
  })
}
