/** A release's name: `v1.2` or `v1.2.3`, each number below a million and without leading zeros. */
export const RELEASE_NAME = /^v(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){1,2}$/

/** The name under which the configuration from before gw's first publish is kept on a host. */
export const ORIGINAL_RELEASE = 'original'

/** How many releases a host keeps besides the current and the previous one. */
export const RELEASES_KEPT = 10

/** A file of a release as its manifest has it. `path` is relative to the release; `mode` has four octal digits. */
export interface ManifestFile {
  readonly path: string
  readonly mode: string
  readonly owner: string
  readonly group: string
  /** Hexadecimal. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** From where a release came: rendered by a deploy, saved from hand-edited hosts, or taken from a backup. */
export type ReleaseOrigin = 'deploy' | 'adopted' | 'restored'

/** What manifest.json says of a release on one host. */
export interface Manifest {
  readonly schemaVersion: 1
  readonly release: string
  readonly origin: ReleaseOrigin
  /** UTC, ISO 8601. */
  readonly createdAt: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** The git commit of the inventory's folder, `-dirty` behind it when it had changes; null outside git. */
  readonly commit: string | null
  /** gw's version. */
  readonly gw: string
  /** The domain that it serves, by which a proof asks for it. */
  readonly domain: string
  readonly files: readonly ManifestFile[]
}

/** The order of releases by their numbers, for sorting: v1.9 before v1.10. */
export function compareReleases(one: string, other: string): number {
  const [left, right] = [numbersOf(one), numbersOf(other)]
  return (
    [0, 1, 2]
      .map((place) => (left[place] ?? 0) - (right[place] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  )
}

const LARGEST = 999_999

/**
 * The next minor after the highest of `names`, or the next major where there is none; the first release is v1.0. Names of
 * another pattern do not count.
 * @throws Error after v999999.999999
 */
export function nextRelease(names: readonly string[]): string {
  const highest = names
    .filter((name) => RELEASE_NAME.test(name))
    .sort(compareReleases)
    .at(-1)
  if (highest === undefined) return 'v1.0'
  const [major = 1, minor = 0] = numbersOf(highest)
  if (minor < LARGEST) return `v${major}.${minor + 1}`
  if (major < LARGEST) return `v${major + 1}.0`
  throw new Error(`there is no name of a release after ${highest}`)
}

function numbersOf(name: string): number[] {
  return name.slice(1).split('.').map(Number)
}
