import { compareReleases, type Manifest, type ReleaseOrigin } from '../model/release.js'
import type { ReleaseStore } from '../model/release-store.js'
import { identityOf } from './manifest.js'

/** The releases of a host, with the manifests of those that could be read. */
export interface HostReleases {
  readonly host: string
  readonly store: ReleaseStore
  readonly manifests: Readonly<Record<string, Manifest | null>>
  /** Why releases could not be started there today; nothing for those that could, and where it was not tried. */
  readonly obstacles: Readonly<Record<string, readonly string[]>>
}

/** A release as the hosts of a fleet have it; what no manifest tells is null. Hosts are given by name. */
export interface ListedRelease {
  readonly release: string
  /** UTC, ISO 8601. */
  readonly createdAt: string | null
  readonly by: string | null
  readonly commit: string | null
  readonly origin: ReleaseOrigin | null
  /** Whether it was confirmed on every host that has it. */
  readonly confirmed: boolean
  /** Whether it is served by some host. */
  readonly current: boolean
  /** Hosts that have it. */
  readonly hosts: readonly string[]
  readonly currentOn: readonly string[]
  readonly previousOn: readonly string[]
  readonly missingOn: readonly string[]
  /** Hosts on which the manifest cannot be read. */
  readonly damagedOn: readonly string[]
  /** Hosts on which the same name means another release: one that was made at another time, or by someone else. */
  readonly differsOn: readonly string[]
  /** Why it could not be started today, by host; empty where it could, and when it was not tried. */
  readonly obstacles: Readonly<Record<string, readonly string[]>>
}

/** Pure: the releases of all hosts, the newest first. */
export function listReleases(hosts: readonly HostReleases[]): ListedRelease[] {
  const names = new Set(hosts.flatMap(({ store }) => store.releases.map(({ name }) => name)))
  return [...names].map((name) => listedRelease(name, hosts)).sort(newestFirst)
}

function listedRelease(release: string, hosts: readonly HostReleases[]): ListedRelease {
  const having = hosts.filter(({ store }) => store.releases.some(({ name }) => name === release))
  const where = (holds: (host: HostReleases) => boolean) => hosts.filter(holds).map(({ host }) => host)
  const manifestOn = ({ manifests }: HostReleases): Manifest | null => manifests[release] ?? null
  const manifest = having.map(manifestOn).find((found) => found !== null) ?? null
  const currentOn = where(({ store }) => store.current === release)
  return {
    release,
    createdAt: manifest?.createdAt ?? null,
    by: manifest?.by ?? null,
    commit: manifest?.commit ?? null,
    origin: manifest?.origin ?? null,
    confirmed: having.every(({ store }) =>
      store.releases.some(({ name, confirmed }) => name === release && confirmed !== null),
    ),
    current: currentOn.length > 0,
    hosts: having.map(({ host }) => host),
    currentOn,
    previousOn: where(({ store }) => store.previous === release),
    missingOn: where((host) => !having.includes(host)),
    damagedOn: where((host) => having.includes(host) && manifestOn(host) === null),
    differsOn: where((host) => {
      const other = manifestOn(host)
      return manifest !== null && other !== null && identityOf(other) !== identityOf(manifest)
    }),
    obstacles: Object.fromEntries(
      having.flatMap(({ host, obstacles }) => {
        const own = obstacles[release] ?? []
        return own.length === 0 ? [] : [[host, own]]
      }),
    ),
  }
}

function newestFirst(one: ListedRelease, other: ListedRelease): number {
  const [left, right] = [one.createdAt ?? '', other.createdAt ?? '']
  if (left !== right) return left < right ? 1 : -1
  return compareReleases(other.release, one.release)
}
