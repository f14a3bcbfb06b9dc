import { GwError } from '../errors.js'
import type { Endpoint, Host } from '../model/host.js'
import type { KeyScanner } from './connection.js'
import { hostKeyFailure, type Peer } from './failures.js'
import { fingerprint, keyType, type HostKey } from './host-key.js'
import { judgeHostKey, knownHostsName, type HostKeyState } from './known-hosts.js'
import { appendKnownHosts, readKnownHosts } from './known-hosts-files.js'

/**
 * What became of a host's key: `known` before, `recorded` now, `declined` by the answer, `changed` and `revoked` left as
 * they are, `unreachable` when no key came (also for a host behind a jump host whose key is not trusted).
 */
type TrustState = 'known' | 'recorded' | 'declined' | 'changed' | 'revoked' | 'unreachable'

/** The key of one host or jump host, as far as it is known. */
export interface TrustRow {
  /** Name of the host, or of the host on whose way the jump host lies. */
  readonly host: string
  readonly isJump: boolean
  /** The name that known_hosts uses. */
  readonly name: string
  readonly type: string | null
  readonly fingerprint: string | null
  readonly state: TrustState | 'new'
}

export interface TrustReport {
  readonly rows: readonly (TrustRow & { readonly state: TrustState })[]
  readonly errors: readonly GwError[]
}

/** How `trustHosts` looks at hosts and speaks with a person. */
export interface TrustContext {
  readonly environment: string
  readonly scannerFor: (host: Host) => KeyScanner
  /** Shows keys before the question about them. */
  readonly show: (rows: readonly TrustRow[]) => void
  readonly confirm: (question: string) => Promise<boolean>
  readonly signal?: AbortSignal
}

/** An endpoint with the way to it; `chain` ends with it. */
interface Station {
  readonly host: Host
  readonly chain: readonly Endpoint[]
  readonly endpoint: Endpoint
  readonly isJump: boolean
}

interface Look {
  readonly station: Station
  readonly key: HostKey | null
  readonly judged: HostKeyState | null
  readonly error: GwError | null
}

/**
 * Looks at the key of every host and jump host, the nearest first, and records new ones after a question. What is behind
 * a jump host is looked at once the jump host is trusted. Keys that changed or are revoked are never touched.
 * @throws GwError QUESTION_WITHOUT_TERMINAL, INTERRUPTED (from `confirm`), USAGE when there is no file to record in
 */
export async function trustHosts(hosts: readonly Host[], context: TrustContext): Promise<TrustReport> {
  const stations = stationsOf(hosts)
  const trusted = new Set<string>([chainKey([])])
  const rows: (TrustRow & { readonly state: TrustState })[] = []
  const errors: GwError[] = []
  const depth = Math.max(0, ...stations.map(({ chain }) => chain.length))
  for (let length = 1; length <= depth; length++) {
    const near = stations.filter(({ chain }) => chain.length === length)
    const open = near.filter(({ chain }) => trusted.has(chainKey(chain.slice(0, -1))))
    const looks = await Promise.all(open.map((station) => look(station, context)))
    const agreed = await record(looks, context)
    for (const each of looks) {
      const row = rowOf(each)
      const state = row.state !== 'new' ? row.state : agreed ? 'recorded' : 'declined'
      rows.push({ ...row, state })
      if (each.error !== null) errors.push(each.error)
      if (state === 'known' || state === 'recorded') trusted.add(chainKey(each.station.chain))
    }
    for (const station of near.filter((each) => !open.includes(each))) {
      rows.push({ ...rowOf({ station, key: null, judged: null, error: null }), state: 'unreachable' })
    }
  }
  return { rows, errors }
}

function stationsOf(hosts: readonly Host[]): Station[] {
  const stations = new Map<string, Station>()
  for (const host of hosts) {
    const whole: readonly Endpoint[] = [...host.connection.jump, host.connection]
    whole.forEach((endpoint, index) => {
      const chain = whole.slice(0, index + 1)
      const key = chainKey(chain)
      const isJump = index < whole.length - 1
      if (!stations.has(key)) stations.set(key, { host, chain, endpoint, isJump })
    })
  }
  return [...stations.values()]
}

function chainKey(chain: readonly Endpoint[]): string {
  return JSON.stringify(chain.map(({ address, port, knownHosts }) => [address, port, knownHosts]))
}

async function look(station: Station, context: TrustContext): Promise<Look> {
  const { host, chain, endpoint, isJump } = station
  const peer: Peer = { host: host.name, environment: context.environment, endpoint, isJump }
  try {
    const options = { host: host.name, ...(context.signal === undefined ? {} : { signal: context.signal }) }
    const key = await context.scannerFor(host).scan(chain, host.connection.connectTimeoutMs, options)
    const known = await readKnownHosts(endpoint.knownHosts)
    const judged = judgeHostKey(known, endpoint.address, endpoint.port, key)
    const error = judged.state === 'unknown' ? null : hostKeyFailure(peer, key, judged)
    return { station, key, judged, error }
  } catch (error) {
    if (!(error instanceof GwError) || error.code === 'INTERRUPTED') throw error
    return { station, key: null, judged: null, error }
  }
}

const STATES = { trusted: 'known', unknown: 'new', changed: 'changed', revoked: 'revoked' } as const

function rowOf({ station, key, judged }: Look): TrustRow {
  return {
    host: station.host.name,
    isJump: station.isJump,
    name: knownHostsName(station.endpoint.address, station.endpoint.port),
    type: key === null ? null : keyType(key),
    fingerprint: key === null ? null : fingerprint(key),
    state: judged === null ? 'unreachable' : STATES[judged.state],
  }
}

/** Shows what was found and, if there are new keys, asks and records them. True when they are recorded. */
async function record(looks: readonly Look[], context: TrustContext): Promise<boolean> {
  context.show(looks.map(rowOf))
  const lines = linesByFile(looks)
  if (lines.size === 0) return false
  const count = [...lines.values()].reduce((sum, each) => sum + each.size, 0)
  const what = count === 1 ? 'this new host key' : `these ${count} new host keys`
  if (!(await context.confirm(`Record ${what} in ${[...lines.keys()].join(' and ')}?`))) return false
  for (const [file, each] of lines) await appendKnownHosts(file, [...each])
  return true
}

/** Lines to add by file, without repetition: one address may be reached in several ways. */
function linesByFile(looks: readonly Look[]): Map<string, Set<string>> {
  const lines = new Map<string, Set<string>>()
  for (const { station, key, judged } of looks) {
    if (key === null || judged?.state !== 'unknown') continue
    const { address, port, knownHosts } = station.endpoint
    const [file] = knownHosts
    if (file === undefined) throw nowhereToRecord(station.host.name)
    const line = `${knownHostsName(address, port)} ${keyType(key) ?? ''} ${Buffer.from(key).toString('base64')}`
    lines.set(file, (lines.get(file) ?? new Set()).add(line))
  }
  return lines
}

function nowhereToRecord(host: string): GwError {
  return new GwError('USAGE', 'the inventory names no known_hosts file to record the key in', {
    host,
    nextSteps: ['Set `known_hosts` for the host in the inventory.'],
  })
}
