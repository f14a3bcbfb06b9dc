import type { Gateway } from '../model/gateway.js'
import type { Pool, Server } from '../model/pool.js'
import { manifestFile, ROOT } from '../release/manifest.js'
import { poolPath } from '../render/nginx/paths.js'
import { poolConfiguration } from '../render/nginx/pool.js'
import { printNginx } from '../render/nginx/syntax.js'
import { type Directive, directivesIn } from './nginx-directives.js'
import type { HostObservation } from './observation.js'

/** How a server stands in the file of its pool, when that is not as the inventory wants it. */
export interface ServerEdit {
  /** As {@link placeOf} has it; of a server that the inventory does not know, as the file has it. */
  readonly place: string
  readonly kind: 'missing' | 'down' | 'extra' | 'repeated' | 'changed'
  /** Of `changed`: the parameters that differ, such as `weight=5`, as they are and as they should be. */
  readonly found: readonly string[]
  readonly intended: readonly string[]
}

interface FileServer {
  readonly place: string
  readonly isDown: boolean
  /** Every parameter but `down`, those included that NGINX takes by itself. */
  readonly parameters: readonly string[]
}

/** What NGINX takes where a server does not say it. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['weight', '1'],
  ['max_fails', '1'],
  ['fail_timeout', '10s'],
  ['max_conns', '0'],
])

const HTTP_PORT = '80'

/** `ADDRESS:PORT` of a server, in one way of writing it. */
export function placeOf({ address, port }: Pick<Server, 'address' | 'port'>): string {
  return canonicalPlace(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)
}

/** The file of a pool as it stands on the gateway; null when it cannot be read. */
export function poolText({ name }: Pool, { texts }: Pick<HostObservation, 'texts'>): string | null {
  return texts.find(({ path }) => path === releasePath(name))?.text ?? null
}

/** Whether a pool's file is another one than that of the release. */
export function isEdited(pool: Pool, seen: Pick<HostObservation, 'texts' | 'store'>): boolean {
  const text = poolText(pool, seen)
  return text !== null && sha256Of(text) !== publishedSha256(releasePath(pool.name), seen)
}

/** What of a pool's file is not as the inventory wants it; null when NGINX could not read such a pool in `text`. */
export function serverEdits(pool: Pool, text: string): readonly ServerEdit[] | null {
  const found = serversIn(text, pool.name)
  if (found === null) return null
  const intended = serversIn(renderedText(pool), pool.name) ?? []
  const extra = found
    .map(({ place }) => place)
    .filter((each) => !intended.some(({ place }) => place === each))
  const known = intended.map((server) =>
    editOf(
      server,
      found.filter(({ place }) => place === server.place),
    ),
  )
  return [
    ...known.filter((edit) => edit !== null),
    ...[...new Set(extra)].map((place) => edited(place, 'extra')),
  ]
}

/**
 * Whether a file of the release was changed by hand in nothing but the `server` lines of a pool: a drain or a weight, which
 * the phase upstreams judges, and no drift of the configuration.
 */
export function onlyServersEdited(path: string, seen: HostObservation, gateway: Gateway): boolean {
  const pool = gateway.pools.find(({ name }) => releasePath(name) === path)
  const text = pool === undefined ? null : poolText(pool, seen)
  if (pool === undefined || text === null || !isEdited(pool, seen)) return false
  const rendered = renderedText(pool)
  // Of a pool that was rendered from another inventory nobody knows what its file was like.
  if (sha256Of(rendered) !== publishedSha256(path, seen)) return false
  const others = withoutServers(text, pool.name)
  // What NGINX takes for the same is no edit that upstreams would tell of.
  const isTold = (serverEdits(pool, text) ?? []).length > 0
  return isTold && others !== null && others === withoutServers(rendered, pool.name)
}

function releasePath(pool: string): string {
  return `nginx/${poolPath(pool)}`
}

function renderedText(pool: Pool): string {
  return printNginx(poolConfiguration(pool))
}

function sha256Of(content: string): string {
  return manifestFile({ path: '', mode: '0644', content }, ROOT).sha256
}

function publishedSha256(path: string, { store }: Pick<HostObservation, 'store'>): string | null {
  return store.manifest?.files.find((file) => file.path === path)?.sha256 ?? null
}

function serversIn(text: string, pool: string): readonly FileServer[] | null {
  const upstream = directivesIn(text)?.find((directive) => isUpstream(directive, pool))
  return upstream?.body?.filter(isServer).map(fileServer) ?? null
}

function isUpstream({ words, body }: Directive, pool: string): boolean {
  return body !== null && words[0] === 'upstream' && words[1] === pool
}

function isServer({ words }: Directive): boolean {
  return words[0] === 'server'
}

/** Everything else that the file says, to be compared. */
function withoutServers(text: string, pool: string): string | null {
  const directives = directivesIn(text)
  if (directives === null) return null
  const rest = directives.map((directive) =>
    isUpstream(directive, pool)
      ? { ...directive, body: directive.body?.filter((each) => !isServer(each)) ?? null }
      : directive,
  )
  return JSON.stringify(rest)
}

function fileServer({ words: [, address = '', ...parameters] }: Directive): FileServer {
  const said = new Map(parameters.map(parameterIn))
  const all = new Map([...DEFAULTS, ...said])
  all.delete('down')
  return {
    place: canonicalPlace(address),
    isDown: said.has('down'),
    parameters: [...all].map(([name, value]) => (value === '' ? name : `${name}=${value}`)),
  }
}

/** A flag has no value; a time without its unit is in seconds. */
function parameterIn(word: string): [name: string, value: string] {
  const [name = '', value = ''] = word.split(/=(.*)/su)
  return [name, name === 'fail_timeout' && /^\d+$/u.test(value) ? `${value}s` : value]
}

function editOf(intended: FileServer, found: readonly FileServer[]): ServerEdit | null {
  const [first, ...others] = found
  const { place } = intended
  if (first === undefined) return edited(place, 'missing')
  if (found.every(({ isDown }) => isDown)) return edited(place, 'down')
  if (others.length > 0) return edited(place, 'repeated')
  const [is, should] = [first.parameters, intended.parameters]
  const [only, lacking] = [
    is.filter((each) => !should.includes(each)),
    should.filter((each) => !is.includes(each)),
  ]
  if (only.length === 0 && lacking.length === 0) return null
  return { place, kind: 'changed', found: only, intended: lacking }
}

function edited(place: string, kind: ServerEdit['kind']): ServerEdit {
  return { place, kind, found: [], intended: [] }
}

/** By the one way in which URLs write an address; what is none stays as it is. */
function canonicalPlace(text: string): string {
  const plain = /^[A-Za-z0-9.:[\]_-]+$/u.test(text) && !text.startsWith('unix:')
  const url = `http://${text}`
  if (!plain || !URL.canParse(url)) return text
  const { hostname, port } = new URL(url)
  return `${hostname}:${port === '' ? HTTP_PORT : port}`
}
