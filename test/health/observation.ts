import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UnitState } from '../../src/facts/unit.js'
import type { FleetObservation, HostObservation } from '../../src/health/observation.js'
import type { LiveFile } from '../../src/model/release-store.js'
import { revealedText } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'
import type { Certificate } from '../../src/model/tls.js'
import type { Probe, TlsAnswer, WebAnswer } from '../../src/probe/probe.js'
import { LINKS } from '../../src/release/links.js'
import { manifestFile, manifestOf, ROOT } from '../../src/release/manifest.js'
import { OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { releaseConf } from '../../src/render/nginx/files.js'
import { releasesOf } from '../../src/render/release.js'
import { type Changes, withChanges } from './changes.js'
import { GATEWAY } from './gateway.js'

// A pair of gateways that is well in everything, and how tests say what is not.

/** When the healthy pair was looked at. */
export const NOW = new Date('2026-11-21T20:00:00Z')

/** The release that the healthy pair serves. */
export const RELEASE = 'v1.2'

const HOSTS = ['gw-1', 'gw-2'] as const
export type HostName = (typeof HOSTS)[number]

const ALGORITHMS = ['ecdsa', 'rsa'] as const

/** For api.example.com, from 2026-10-22 to 2027-10-22, by a CA that is not sent. */
function certificate(algorithm: Certificate['algorithm']): Certificate {
  const chain = readFileSync(join(import.meta.dirname, `certificates/${algorithm}.crt`), 'utf8')
  return { algorithm, chain, key: new Secret(`(the ${algorithm} key)\n`) }
}

/** The files of the release as gw renders them. */
function filesOf(host: HostName) {
  const rendered = releasesOf(GATEWAY, ALGORITHMS.map(certificate))(host)(OLDEST_BUILD)
  return [...rendered, releaseConf(RELEASE)]
}

function storeOf(host: HostName): HostObservation['store'] {
  const files = filesOf(host).map((file) => manifestFile(file, ROOT))
  const meta = {
    origin: 'deploy',
    createdAt: '2026-11-21T17:59:50Z',
    by: 'alice@laptop',
    commit: '0123456789abcdef0123456789abcdef01234567',
    gw: '0.3.0',
    domain: GATEWAY.domain,
  } as const
  return {
    current: RELEASE,
    previous: 'v1.1',
    releases: ['v1.1', RELEASE].map((name, index) => ({
      name,
      stagedAt: NOW.getTime() / 1000 - 90_000 + 82_800 * index,
      confirmed: { time: `2026-11-2${index}T18:00:10Z`, run: '1a2b3c4d' },
    })),
    manifest: manifestOf(RELEASE, meta, files),
    live: files.map((file): LiveFile => file),
    trial: null,
    reverted: null,
  }
}

function textsOf(host: HostName): HostObservation['texts'] {
  return filesOf(host)
    .filter(({ path }) => /\/pools\/|\.crt$/.test(path))
    .map((file) => ({ path: file.path, text: revealedText(file) }))
}

/** A unit that has run for a day. */
export function unit(mainPid: number): UnitState {
  const startedAt = NOW.getTime() / 1000 - 90_000
  return {
    load: 'loaded',
    active: 'active',
    sub: 'running',
    enabled: 'enabled',
    needsDaemonReload: false,
    mainPid,
    startedAt,
    changedAt: startedAt,
    reloaded: true,
  }
}

const SECONDS_SINCE_PUBLISHED = 7200

function processes(): HostObservation['processes'] {
  const worker = {
    parent: 700,
    role: 'worker',
    state: 'S',
    ageSeconds: SECONDS_SINCE_PUBLISHED - 0.4,
  } as const
  return {
    pidFile: 700,
    processes: [
      { pid: 700, parent: 1, role: 'master', state: 'S', ageSeconds: 90_000 },
      { pid: 811, ...worker },
      { pid: 812, ...worker },
    ],
    processors: 2,
    workerProcesses: 'auto',
    shutdownSeconds: 60,
  }
}

function listener(address: string, port: number) {
  return {
    address,
    port,
    queued: 0,
    backlog: 511,
    dropped: 0,
    droppedNow: 0,
    programs: ['nginx'],
  }
}

function handshake(
  protocol: TlsAnswer['protocol'],
  algorithm: Certificate['algorithm'],
): { readonly answer: TlsAnswer } {
  return { answer: { protocol, chain: [certificate(algorithm).chain], distrusted: null } }
}

/** What a gateway answers to GET /health; `node` is the host that does. */
export function healthAnswer(node: string, release = RELEASE): { readonly answer: WebAnswer & TlsAnswer } {
  const body = JSON.stringify({ status: 'healthy', release, node, timestamp: '2026-11-21T20:00:00+00:00' })
  const { answer } = handshake('TLSv1.3', 'ecdsa')
  return { answer: { ...answer, status: 200, location: null, body, ms: 2.5 } }
}

function upstreams(): HostObservation['upstreams'] {
  const body = JSON.stringify({ status: 'healthy' })
  const probe: Probe<WebAnswer> = { answer: { status: 200, location: null, body, ms: 1.5 } }
  return GATEWAY.pools.flatMap(({ name, servers }) =>
    servers.map(({ address, port }) => ({ pool: name, server: `${address}:${port}`, probe })),
  )
}

function linksSeen(): HostObservation['links'] {
  const changedAt = NOW.getTime() / 1000 - 90_000
  const standing = { mode: '0777', owner: 'root', group: 'root', size: 40, changedAt, modifiedAt: changedAt }
  return Object.values(LINKS).map((link) => ({
    link,
    now: { type: 'link', target: link.target, ...standing },
  }))
}

function fitness(): HostObservation['fitness'] {
  const room = { writable: true, freeBytes: 10 ** 10, freeInodes: 10 ** 6 }
  return {
    nginxState: '0',
    livenessState: '0',
    linkUp: true,
    release: RELEASE,
    folders: ['/var/lib/gw', '/var/log'].map((path) => ({ path, ...room })),
    now: NOW.getTime() / 1000,
  }
}

function healthy(host: HostName): HostObservation {
  const isHolder = host === 'gw-1'
  const priority = GATEWAY.virtualIp.priorities[host] ?? 0
  return {
    host,
    units: { nginx: unit(700), keepalived: unit(720), liveness: unit(740) },
    processes: processes(),
    configuration: {
      nginx: { passed: true, output: '' },
      keepalived: { passed: true, output: '' },
      newest: { path: '/var/lib/gw/current/nginx/gw/release.conf', ageSeconds: SECONDS_SINCE_PUBLISHED },
      emergency: null,
    },
    listeners: [
      ...['0.0.0.0', '[::]'].flatMap((address) => [listener(address, 80), listener(address, 443)]),
      listener('127.0.0.1', 8079),
    ],
    vrrp: {
      instances: [
        {
          name: 'gateway',
          state: isHolder ? 'MASTER' : 'BACKUP',
          interface: GATEWAY.virtualIp.interface,
          virtualRouterId: GATEWAY.virtualIp.virtualRouterId,
          priority,
          effectivePriority: priority,
        },
      ],
    },
    store: storeOf(host),
    links: linksSeen(),
    lock: null,
    drill: { armed: null, undone: null },
    fitness: fitness(),
    holdsAddress: isHolder,
    nodeName: host,
    texts: textsOf(host),
    clockOffset: 0.01,
    own: healthAnswer(host),
    handshakes: ALGORITHMS.map((algorithm) => ({ algorithm, probe: handshake('TLSv1.2', algorithm) })),
    address: healthAnswer('gw-1'),
    upstreams: upstreams(),
  }
}

const HEALTHY = { 'gw-1': healthy('gw-1'), 'gw-2': healthy('gw-2') }

/** A gateway as it was seen, well but for the changes; gw-1 has the virtual IP. */
export function hostSeen(changes: Changes<HostObservation> = {}, host: HostName = 'gw-1'): HostObservation {
  return withChanges(HEALTHY[host], changes)
}

/** The pair as it was seen, well but for the changes of each host. */
export function fleetSeen(
  changes: Partial<Readonly<Record<HostName, Changes<HostObservation>>>> = {},
  more: Partial<FleetObservation> = {},
): FleetObservation {
  return {
    hosts: HOSTS.map((host) => hostSeen(changes[host], host)),
    unreachable: [],
    address: healthAnswer('gw-1'),
    now: NOW,
    ...more,
  }
}
