import { describe, expect, it } from 'vitest'
import { releasesText } from '../../src/cli/releases-text.js'
import type { Manifest } from '../../src/model/release.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { listReleases, type HostReleases } from '../../src/release/release-list.js'

function manifest(release: string, createdAt: string, more: Partial<Manifest> = {}): Manifest {
  const commit = '0123456789abcdef0123456789abcdef01234567-dirty'
  const meta = { schemaVersion: 1, origin: 'deploy', by: 'alice@laptop', commit, gw: '0.1.0' } as const
  return { ...meta, domain: 'example.com', files: [], release, createdAt, ...more }
}

const OLD = manifest('v1.9', '2026-11-20T02:00:00.000Z')
const NEW = manifest('v1.10', '2026-11-21T02:00:00.000Z')

interface Lying {
  readonly current?: string
  readonly previous?: string
  /** Names of releases that were confirmed there. */
  readonly confirmed?: readonly string[]
  readonly obstacles?: HostReleases['obstacles']
}

function host(name: string, manifests: Record<string, Manifest | null>, lying: Lying = {}): HostReleases {
  const { current = null, previous = null, confirmed = [], obstacles = {} } = lying
  const releases = Object.keys(manifests).map((release, stagedAt) => ({
    name: release,
    stagedAt,
    confirmed: confirmed.includes(release) ? { time: '2026-11-21T02:00:01Z', run: '3fa9c210' } : null,
  }))
  const store: ReleaseStore = {
    current,
    previous,
    releases,
    manifest: null,
    live: [],
    trial: null,
    reverted: null,
  }
  return { host: name, store, manifests, obstacles }
}

const both = { 'v1.9': OLD, 'v1.10': NEW }
const whole = { current: 'v1.10', previous: 'v1.9', confirmed: ['v1.9', 'v1.10'] }

describe('the list of releases', () => {
  it('says why a release could not be started, and where', () => {
    const broken = { ...whole, obstacles: { 'v1.9': ['nginx/nginx.conf has another content'] } }
    const [newest, oldest] = listReleases([host('gw-1', both, whole), host('gw-2', both, broken)])
    expect(newest?.obstacles).toEqual({})
    expect(oldest?.obstacles).toEqual({ 'gw-2': ['nginx/nginx.conf has another content'] })
  })

  it('has the newest first, with what their manifests say', () => {
    const releases = listReleases([host('gw-1', both, whole), host('gw-2', both, whole)])
    expect(releases).toMatchObject([
      {
        release: 'v1.10',
        createdAt: NEW.createdAt,
        by: 'alice@laptop',
        commit: NEW.commit,
        confirmed: true,
        current: true,
        hosts: ['gw-1', 'gw-2'],
      },
      { release: 'v1.9', confirmed: true, current: false, previousOn: ['gw-1', 'gw-2'] },
    ])
  })

  it('tells where a release is missing, not confirmed, not served', () => {
    const releases = listReleases([
      host('gw-1', both, whole),
      host('gw-2', { 'v1.9': OLD }, { current: 'v1.9' }),
    ])
    expect(releases).toMatchObject([
      { release: 'v1.10', confirmed: true, hosts: ['gw-1'], currentOn: ['gw-1'], missingOn: ['gw-2'] },
      { release: 'v1.9', confirmed: false, currentOn: ['gw-2'], previousOn: ['gw-1'], missingOn: [] },
    ])
  })

  it('tells a damaged manifest from a release of the same name that is another one', () => {
    const other = manifest('v1.10', '2026-11-21T09:00:00.000Z', { by: 'bob@desk' })
    const hosts = [
      host('gw-1', { 'v1.10': null }),
      host('gw-2', { 'v1.10': NEW }),
      host('gw-3', { 'v1.10': { ...NEW, files: [] } }),
      host('gw-4', { 'v1.10': other }),
    ]
    expect(listReleases(hosts)).toMatchObject([
      { by: 'alice@laptop', damagedOn: ['gw-1'], differsOn: ['gw-4'], missingOn: [] },
    ])
  })

  it('orders by numbers what no manifest tells the time of', () => {
    const names = listReleases([host('gw-1', { 'v1.9': null, 'v1.10': null, 'v1.9.1': null })])
    expect(names.map(({ release }) => release)).toEqual(['v1.10', 'v1.9.1', 'v1.9'])
  })
})

describe('the text of the list', () => {
  const plain = (_style: unknown, text: string) => text

  it('names hosts only where they differ', () => {
    const hosts = [
      host('gw-1', { ...both, 'v1.11': null }, whole),
      host('gw-2', { 'v1.9': OLD, 'v1.10': NEW }, { ...whole, previous: 'v1.8' }),
    ]
    const rows = releasesText(listReleases(hosts), hosts, plain).split('\n')
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['RELEASE', 'CREATED (UTC)', 'BY', 'COMMIT', 'ORIGIN', 'CONFIRMED', 'SERVED', 'NOTES'],
      ['v1.10', '2026-11-21 02:00:00', 'alice@laptop', '0123456-dirty', 'deploy', 'yes', 'current'],
      ['v1.9', '2026-11-20 02:00:00', 'alice@laptop', '0123456-dirty', 'deploy', 'yes', 'previous on gw-1'],
      ['v1.11', 'unknown', 'unknown', 'unknown', 'no', 'not on gw-2; damaged manifest on gw-1'],
    ])
  })

  it('says that there is none', () => {
    expect(releasesText([], [host('gw-1', {})], plain)).toBe('No release lies on these hosts.')
  })
})
