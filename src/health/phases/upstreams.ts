import type { Gateway } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import type { Pool, Server } from '../../model/pool.js'
import type { Probe, ServerAnswer, WebAnswer } from '../../probe/probe.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, note, warning } from '../judgement.js'
import type { HostObservation } from '../observation.js'
import { allowForwarding } from '../on-host.js'
import { isEdited, placeOf, poolText, serverEdits, type ServerEdit } from '../pool-files.js'
import { unforwarded } from '../reachable.js'
import { unreadTexts } from '../unread-texts.js'

/** A server of a pool with what is the matter with it. */
interface SeenServer {
  /** How messages call it: `admin-2 (10.0.1.112:3000)`. */
  readonly name: string
  readonly server: Server
  /** Why it does not serve, as its own answer tells; null when it does, undefined when that is not known. */
  readonly trouble: string | null | undefined
  /** How it stands in the file of its pool; null when as it should. */
  readonly edit: ServerEdit | null
}

interface SeenPool {
  readonly pool: Pool
  readonly gateway: string
  readonly servers: readonly SeenServer[]
  /** Places in its file that the inventory does not know. */
  readonly extra: readonly string[]
  /** What brings the file back to what the inventory wants. */
  readonly mend: string
}

const LONGEST_WORD = 40
const SERVERS_NAMED = 10
const WELL = ['healthy', 'ok']

/** The pools, as this gateway reaches their servers and as it would use them. */
export function judgeUpstreams(seen: HostObservation, gateway: Gateway): Judgement {
  const pools = gateway.pools.map((pool) => seenPool(pool, seen))
  return judged([
    ...pools.flatMap(findingsOf),
    ...untried(pools, seen),
    ...unreadTexts(seen, 'nginx/gw/pools/', '.conf'),
  ])
}

function seenPool(pool: Pool, seen: HostObservation): SeenPool {
  const text = poolText(pool, seen)
  // Of a file that NGINX could not read, configuration tells.
  const edits = text === null ? [] : (serverEdits(pool, text) ?? [])
  return {
    pool,
    gateway: seen.host,
    servers: pool.servers.map((server): SeenServer => ({
      name: `${server.host} (${placeOf(server)})`,
      server,
      trouble: troubleOf(probeOf(server, pool, seen), pool),
      edit: edits.find(({ place }) => place === placeOf(server)) ?? null,
    })),
    extra: edits.filter(({ kind }) => kind === 'extra').map(({ place }) => cleanLine(place)),
    mend: isEdited(pool, seen) ? 'gw deploy ENV --overwrite' : 'gw deploy ENV',
  }
}

function probeOf(server: Server, { name }: Pool, { upstreams }: HostObservation) {
  return upstreams.find((each) => each.pool === name && each.server === placeOf(server))?.probe
}

function troubleOf(probe: Probe<ServerAnswer> | undefined, { healthPath }: Pool): string | null | undefined {
  if (probe === undefined) return undefined
  if ('failure' in probe) return failureWords(probe)
  return probe.answer === 'connected' ? null : unhealthy(probe.answer, healthPath ?? '/')
}

/** What is said of an address that cannot be reached repeats it, and so is another one for each server. */
function failureWords({
  failure,
  why,
}: Extract<Probe<ServerAnswer>, { failure: unknown }>): string | undefined {
  if (failure === 'forbidden') return undefined
  return failure === 'unreachable' ? 'it takes no connections' : cleanLine(why)
}

function unhealthy({ status, location, body }: WebAnswer, path: string): string | null {
  const where = location === null ? '' : `, which leads to ${cleanLine(location)}`
  if (status !== 200) return `status ${status} at ${path}${where}`
  const said = statusIn(body)
  if (said === undefined || (typeof said === 'string' && WELL.includes(said.toLowerCase()))) return null
  return `${path} says ${shown(said)}`
}

/** The `status` of a JSON object; undefined where there is none. */
function statusIn(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && 'status' in value ? value.status : undefined
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return cleanLine(text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}...` : text)
}

function findingsOf(seen: SeenPool): Finding[] {
  const { servers, extra, pool, mend } = seen
  const outOfUse = servers.filter((server) => reasonsOf(server).length > 0)
  const isShort = servers.length - outOfUse.length < pool.leastServers
  return [
    ...(isShort ? [shortage(seen, outOfUse)] : outOfUse.flatMap((server) => warningsOf(server, seen))),
    ...servers
      .filter(({ edit }) => edit !== null && !isUnused(edit))
      .flatMap((server) => editWarning(server, seen)),
    ...extra.map((place) =>
      warning(`${place} is in the file of pool ${pool.name}, and no server of it in the inventory`, mend),
    ),
  ]
}

/** Why a server gets no requests, or cannot answer them. */
function reasonsOf({ trouble, edit }: SeenServer): string[] {
  return [
    ...(edit !== null && isUnused(edit) ? [`${edit.kind === 'down' ? 'down' : 'not'} in its file`] : []),
    ...(trouble === null || trouble === undefined ? [] : [trouble]),
  ]
}

function isUnused({ kind }: ServerEdit): boolean {
  return kind === 'down' || kind === 'missing'
}

function shortage(seen: SeenPool, outOfUse: readonly SeenServer[]): Finding {
  const { pool, servers, mend } = seen
  const answering = servers.filter(({ trouble }) => trouble === null || trouble === undefined)
  const inUse = servers.length - outOfUse.length
  const head =
    answering.length === 0
      ? `no server of pool ${pool.name} answers`
      : `${inUse} of ${servers.length} servers of pool ${pool.name} can serve, and ${pool.leastServers} must`
  const silent = outOfUse.find(({ trouble }) => typeof trouble === 'string')
  return error(`${head}: ${byReason(outOfUse)}`, silent === undefined ? mend : lookHelp(silent, seen))
}

/** Servers with the same reasons stand together. */
function byReason(servers: readonly SeenServer[]): string {
  const named = new Map<string, string[]>()
  for (const server of servers.slice(0, SERVERS_NAMED)) {
    const reasons = reasonsOf(server).join(', ')
    named.set(reasons, [...(named.get(reasons) ?? []), server.name])
  }
  const more = servers.length > SERVERS_NAMED ? [`and ${servers.length - SERVERS_NAMED} more`] : []
  return [...[...named].map(([reasons, names]) => `${names.join(', ')}: ${reasons}`), ...more].join('; ')
}

function warningsOf(server: SeenServer, seen: SeenPool): Finding[] {
  const { name, trouble, edit } = server
  const { pool } = seen
  return [
    ...(edit !== null && isUnused(edit) ? editWarning(server, seen) : []),
    ...(typeof trouble === 'string'
      ? [warning(`${name} of pool ${pool.name} does not serve: ${trouble}`, lookHelp(server, seen))]
      : []),
  ]
}

function editWarning({ name, edit, server }: SeenServer, { pool, mend }: SeenPool): Finding[] {
  return edit === null ? [] : [warning(`${name} ${editWords(edit, pool, server)}`, mend)]
}

function editWords({ kind, found, intended }: ServerEdit, { name }: Pool, { weight }: Server): string {
  const file = `in the file of pool ${name}`
  switch (kind) {
    case 'down':
      return `is down ${file}, and has weight=${weight} in the inventory`
    case 'missing':
      return `is not ${file}, and has weight=${weight} in the inventory`
    case 'repeated':
      return `stands several times ${file}, so it gets more than its share`
    case 'extra':
    case 'changed':
      if (found.length === 0) return `has no ${wordsOf(intended)} ${file}, but in the inventory`
      return `has ${wordsOf(found)} ${file}, and ${intended.length === 0 ? 'not' : wordsOf(intended)} in the inventory`
  }
}

function wordsOf(parameters: readonly string[]): string {
  return parameters.map((each) => cleanLine(each.slice(0, LONGEST_WORD))).join(' ')
}

/** What was tried; a gateway need have no program with which to try it by hand. */
function lookHelp({ server }: SeenServer, { pool: { healthPath } }: SeenPool): string {
  const what = healthPath === null ? `listens on port ${server.port}` : `answers ${urlOf(server, healthPath)}`
  return `On ${server.host}, see whether its service runs and ${what}; gw health ENV --phase upstreams looks again`
}

function urlOf(server: Server, path: string): string {
  return `http://${placeOf(server)}${path}`
}

/** Servers of which nothing is known, as one note. */
function untried(pools: readonly SeenPool[], { host, upstreams }: HostObservation): Finding[] {
  const unknown = pools.flatMap(({ servers }) => servers.filter(({ trouble }) => trouble === undefined))
  if (unknown.length === 0) return []
  const forbidden = upstreams.filter(({ probe }) => 'failure' in probe && probe.failure === 'forbidden')
  if (forbidden.length > 0 && forbidden.length === upstreams.length) return [unforwarded(host)]
  const count = unknown.length === 1 ? '1 server' : `${unknown.length} servers`
  if (forbidden.length === 0)
    return [note(`${count} of pools could not be tried: ${unknown[0]?.name ?? ''} first`)]
  return [
    note(
      `${count} of pools could not be tried, since the sshd of this gateway forwards no connections to them`,
      allowForwarding(host),
    ),
  ]
}
