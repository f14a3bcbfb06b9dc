import { GwError } from '../errors.js'
import { settledRelease, type ReleaseStore } from '../model/release-store.js'

type Stores = Readonly<Record<string, ReleaseStore>>

/**
 * The release to go back to, confirmed on every host: the one that was asked for, else the last one that all of them
 * confirmed, of those that no host had after its current one. What is on trial is not current yet.
 * @throws GwError RELEASE_UNKNOWN when there is none
 */
export function rollbackTarget(stores: Stores, wanted: string | null): string {
  return wanted === null ? lastConfirmed(stores) : confirmedEverywhere(stores, wanted)
}

function lastConfirmed(stores: Stores): string {
  const hosts = Object.values(stores)
  const target = commonlyConfirmed(stores)
    .filter((name) => !hosts.some((store) => comesAfterCurrent(store, name)))
    .filter((name) => hosts.some((store) => settledRelease(store) !== name))
    .at(-1)
  if (target !== undefined) return target
  const message =
    'there is no release to go back to: none before the current one was confirmed on every host; nothing was changed'
  throw unknown(stores, message)
}

function confirmedEverywhere(stores: Stores, wanted: string): string {
  const hosts = Object.entries(stores)
  const named = (lacking: typeof hosts): string => lacking.map(([host]) => host).join(', ')
  const without = hosts.filter(([, { releases }]) => !releases.some(({ name }) => name === wanted))
  if (without.length > 0) {
    throw unknown(stores, `there is no release ${wanted} on ${named(without)}; nothing was changed`)
  }
  const unconfirmed = hosts.filter(([, store]) => confirmedAt(store, wanted) === null)
  if (unconfirmed.length === 0) return wanted
  const message = `${wanted} was never confirmed on ${named(unconfirmed)}, so nobody knows that it serves there; nothing was changed`
  throw unknown(stores, message)
}

/** The releases that were confirmed on every host, the newest at the end. */
function commonlyConfirmed(stores: Stores): string[] {
  const hosts = Object.values(stores)
  return (hosts[0]?.releases ?? [])
    .flatMap(({ name }) => {
      const times = hosts.map((store) => confirmedAt(store, name)).filter((time) => time !== null)
      // A host that confirmed it once more does not make it newer for all of them.
      return times.length === hosts.length ? [{ name, time: times.toSorted()[0] ?? '' }] : []
    })
    .toSorted((one, other) => one.time.localeCompare(other.time))
    .map(({ name }) => name)
}

function confirmedAt({ releases }: ReleaseStore, name: string): string | null {
  return releases.find((release) => release.name === name)?.confirmed?.time ?? null
}

function comesAfterCurrent(store: ReleaseStore, name: string): boolean {
  const placeOf = (wanted: string | null): number =>
    store.releases.findIndex((release) => release.name === wanted)
  const now = placeOf(settledRelease(store))
  return now !== -1 && placeOf(name) > now
}

function unknown(stores: Stores, message: string): GwError {
  const common = commonlyConfirmed(stores).toReversed()
  return new GwError('RELEASE_UNKNOWN', message, {
    nextSteps: [
      ...(common.length === 0
        ? []
        : [`Confirmed on all of them, the newest first: ${common.join(', ')}; gw rollback ENV --to NAME`]),
      'gw releases ENV lists what there is, and where.',
    ],
  })
}
