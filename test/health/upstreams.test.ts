import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HostObservation, UpstreamProbe } from '../../src/health/observation.js'
import { judgeUpstreams } from '../../src/health/phases/upstreams.js'
import { placeOf } from '../../src/health/pool-files.js'
import type { Judgement } from '../../src/model/health.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { Pool, Server } from '../../src/model/pool.js'
import { GATEWAY } from './gateway.js'
import { hostSeen } from './observation.js'

const CASES = join(import.meta.dirname, '../cases/health/upstreams')
const ADMIN = 'nginx/gw/pools/admin.conf'

/** What differs from a healthy gateway; everything of a pool is about `admin`. */
interface Case {
  readonly pool?: Partial<Pool>
  readonly backup?: string
  readonly weight?: Readonly<Record<string, number>>
  /** So many servers instead, none of which answers. */
  readonly many?: number
  readonly ipv6?: true
  /** By host; null for one that was not tried. */
  readonly probes?: Readonly<Record<string, UpstreamProbe['probe'] | null>>
  /** What is replaced in the file of the pool. */
  readonly edits?: readonly (readonly [string, string])[]
  readonly gone?: true
  /** It lies there, but could not be read. */
  readonly unread?: true
}

function serversOf({ servers }: Pool, { backup, weight = {}, many, ipv6 }: Case): Server[] {
  const [first] = servers
  if (first === undefined) throw new Error('the pool has no servers')
  const numbered = (_: unknown, index: number) => ({
    ...first,
    host: `admin-${index + 1}`,
    address: `10.0.2.${index + 1}`,
  })
  const all = many === undefined ? servers : Array.from({ length: many }, numbered)
  return all.map((server) => ({
    ...server,
    address: ipv6 === true ? `FD00:0::${server.host.slice(-1)}` : server.address,
    backup: server.host === backup,
    weight: weight[server.host] ?? server.weight,
  }))
}

function gatewayOf(given: Case): Gateway {
  const pools = GATEWAY.pools.map((pool) =>
    pool.name === 'admin' ? { ...pool, ...given.pool, servers: serversOf(pool, given) } : pool,
  )
  return { ...GATEWAY, pools }
}

function probesOf({ pools }: Gateway, { probes = {}, many }: Case): UpstreamProbe[] {
  const well = hostSeen().upstreams[0]?.probe ?? { answer: 'connected' }
  const dead = { failure: 'late', why: 'nothing whole within 1000 ms' } as const
  return pools.flatMap(({ name, servers }) =>
    servers.flatMap((each) => {
      const { host } = each
      const ofMany = many !== undefined && name === 'admin' ? dead : well
      const probe = host in probes ? probes[host] : ofMany
      return probe === null || probe === undefined ? [] : [{ pool: name, server: placeOf(each), probe }]
    }),
  )
}

function textsOf({ edits = [], gone, unread, many, ipv6 }: Case): HostObservation['texts'] {
  return hostSeen().texts.map(({ path, text }) => {
    if (path !== ADMIN || text === null) return { path, text }
    if (many !== undefined || gone === true || unread === true) return { path, text: null }
    const written = ipv6 === true ? text.replaceAll(/10\.0\.1\.11(\d)/g, '[fd00::$1]') : text
    return { path, text: edits.reduce((before, [from, to]) => replaced(before, from, to), written) }
  })
}

function storeOf({ gone, many }: Case): HostObservation['store'] {
  const { live, ...store } = hostSeen().store
  const isGone = gone === true || many !== undefined
  return { ...store, live: isGone ? live.filter(({ path }) => path !== ADMIN) : live }
}

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the file has no ${JSON.stringify(from)}:\n${text}`)
  return text.replace(from, to)
}

function textOf({ verdict, findings }: Judgement): string {
  const lines = findings.map(({ severity, message, help }) => `${severity}: ${message}\n  ${help}`)
  return [verdict, ...lines, ''].join('\n')
}

describe('the pools of a gateway with', () => {
  const files = readdirSync(CASES).filter((file) => file.endsWith('.json'))
  test.each(files.map((file) => ({ title: file.slice(0, -5).replaceAll('-', ' '), file })))(
    '$title',
    async ({ file }) => {
      const given = JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Case
      const gateway = gatewayOf(given)
      const seen = {
        ...hostSeen(),
        upstreams: probesOf(gateway, given),
        texts: textsOf(given),
        store: storeOf(given),
      }
      const text = textOf(judgeUpstreams(seen, gateway))
      await expect(text).toMatchFileSnapshot(join(CASES, `${file}.expected.txt`))
    },
  )
})
