import { type Manifest, type ManifestFile, RELEASE_NAME, type ReleaseOrigin } from './release.js'

/** What a path of a release may be: names of these characters only, so that none leads out or is taken for an option. */
export const RELEASE_PATH = /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/

const ORIGINS: readonly string[] = ['deploy', 'adopted', 'restored'] satisfies ReleaseOrigin[]

const LINE = /^[^\p{Cc}]{1,256}$/u
const FIELDS: Readonly<Record<string, RegExp>> = {
  release: RELEASE_NAME,
  createdAt: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/,
  by: LINE,
  gw: LINE,
  domain: LINE,
}
const FILE_FIELDS: Readonly<Record<string, RegExp>> = {
  path: RELEASE_PATH,
  mode: /^0(?:600|644|755)$/,
  owner: /^[a-z_][a-z0-9_-]{0,30}\$?$/,
  group: /^[a-z_][a-z0-9_-]{0,30}\$?$/,
  sha256: /^[0-9a-f]{64}$/,
}

/**
 * manifest.json: always the same text for the same manifest, its files by path and one a line, as the shell reads them too.
 * @throws Error for a manifest that `parseManifest` would refuse
 */
export function manifestText(manifest: Manifest): string {
  if (!isManifest(manifest)) throw new Error(`this is no manifest of a release: ${JSON.stringify(manifest)}`)
  return printed(manifest)
}

/**
 * Reads what `manifestText` wrote, and nothing else.
 * @throws Error for any other text
 */
export function parseManifest(text: string): Manifest {
  const value: unknown = JSON.parse(text)
  // A key that is missing, is there twice or is none of a manifest's makes the text another one.
  if (!isManifest(value) || printed(value) !== text) throw new Error('this is no manifest of a release')
  return value
}

/** The manifest that a host's text holds; null for a text that is none. */
export function readManifest(text: string): Manifest | null {
  try {
    return parseManifest(text)
  } catch {
    return null
  }
}

function printed({ release, origin, createdAt, by, commit, gw, domain, files }: Manifest): string {
  const head = JSON.stringify({ schemaVersion: 1, release, origin, createdAt, by, commit, gw, domain })
  const rows = [...files].sort(byPath).map(({ path, mode, owner, group, sha256, size }) => {
    return JSON.stringify({ path, mode, owner, group, sha256, size })
  })
  return `${head.slice(0, -1)},"files":[\n${rows.join(',\n')}\n]}\n`
}

function byPath(one: ManifestFile, other: ManifestFile): number {
  return one.path < other.path ? -1 : 1
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value) || value['schemaVersion'] !== 1 || !fits(value, FIELDS)) return false
  const { origin, commit, files } = value
  return (
    typeof origin === 'string' &&
    ORIGINS.includes(origin) &&
    (commit === null || (typeof commit === 'string' && /^[0-9a-f]{7,64}(?:-dirty)?$/.test(commit))) &&
    Array.isArray(files) &&
    files.every(isFile) &&
    hasWholePaths(files)
  )
}

function isFile(value: unknown): value is ManifestFile {
  return (
    isObject(value) &&
    fits(value, FILE_FIELDS) &&
    value['path'] !== 'manifest.json' &&
    Number.isSafeInteger(value['size']) &&
    Number(value['size']) >= 0
  )
}

/** No path twice, and no file where another one has its folder. */
function hasWholePaths(files: readonly ManifestFile[]): boolean {
  const paths = new Set(files.map(({ path }) => path))
  const folders = files.flatMap(({ path }) => {
    const names = path.split('/')
    return names.slice(1).map((_name, index) => names.slice(0, index + 1).join('/'))
  })
  return paths.size === files.length && !folders.some((folder) => paths.has(folder))
}

function fits(value: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, RegExp>>): boolean {
  return Object.entries(fields).every(([name, pattern]) => {
    const text = value[name]
    return typeof text === 'string' && pattern.test(text)
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
