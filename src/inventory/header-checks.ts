import { ANSWER_HEADERS, ERROR_HEADERS, FORWARDED_HEADERS, REMOVED_HEADERS } from '../model/headers.js'
import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import type { Path } from './tree.js'

/** Headers of requests that say how the message itself travels, or that the gateway sets or takes out. In small letters. */
const GATEWAYS_IN_REQUESTS = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  ...inSmallLetters([...FORWARDED_HEADERS, ...REMOVED_HEADERS]),
])

/** Headers of answers that NGINX, the gateway or the backend sets for each answer. In small letters. */
const OF_EACH_ANSWER = new Set([
  'accept-ranges',
  'age',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'expires',
  'keep-alive',
  'last-modified',
  'location',
  'server',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'www-authenticate',
  'x-powered-by',
  ...inSmallLetters([...ANSWER_HEADERS, ...ERROR_HEADERS]),
])

/** Of the client, for the backend to judge: without them nobody could be recognised. */
const CREDENTIALS = new Set(['authorization', 'cookie'])

export function checkResponseHeaders({ file, report }: Check): void {
  const names = Object.keys(file.gateway?.response_headers ?? {})
  const path = ['gateway', 'response_headers']
  names.forEach((name) => {
    if (OF_EACH_ANSWER.has(name.toLowerCase()) || name.toLowerCase().startsWith('x-accel-'))
      report(
        [...path, name],
        `\`${name}\` belongs to each answer, so it cannot be the same on all of them`,
        ON_KEY,
      )
  })
  reportRepeated(names, (name, first) => {
    report(
      [...path, name],
      `\`${name}\` is the header \`${first}\` once more; case makes no difference`,
      ON_KEY,
    )
  })
}

export function checkIdentityHeaders({ file, report }: Check): void {
  const names = file.gateway?.identity_headers ?? []
  const path = ['gateway', 'identity_headers']
  names.forEach((name, index) => {
    const place = [...path, String(index)]
    if (isGatewayHeader(name))
      report(place, `the gateway sets or removes \`${name}\` in every request anyway`)
    else if (CREDENTIALS.has(name.toLowerCase()) || name.toLowerCase() === 'content-type')
      report(place, `\`${name}\` is the client's own, and backends need it`)
  })
  reportRepeatedItems(report, path, names)
}

export function checkRequiredHeaders({ file: { gateway }, report }: Check): void {
  const identity = new Set(gateway?.identity_headers.map((name) => name.toLowerCase()))
  gateway?.routes.forEach(({ require: names }, index) => {
    const path = ['gateway', 'routes', String(index), 'require']
    names.forEach((name, place) => {
      if (isGatewayHeader(name) || identity.has(name.toLowerCase()))
        report(
          [...path, String(place)],
          `a client cannot be asked for \`${name}\`: the gateway sets or removes it itself`,
        )
    })
    reportRepeatedItems(report, path, names)
  })
}

function isGatewayHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return GATEWAYS_IN_REQUESTS.has(lower) || lower.startsWith('x-forwarded-')
}

function inSmallLetters(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase())
}

function reportRepeatedItems(report: Check['report'], path: Path, names: readonly string[]): void {
  reportRepeated(names, (name, first, index) => {
    report(
      [...path, String(index)],
      `\`${name}\` is the header \`${first}\` once more; case makes no difference`,
    )
  })
}

/** Calls back for every name that is another one before it in other letters. */
function reportRepeated(
  names: readonly string[],
  found: (name: string, first: string, index: number) => void,
): void {
  const taken = new Map<string, string>()
  names.forEach((name, index) => {
    const first = taken.get(name.toLowerCase())
    if (first === undefined) taken.set(name.toLowerCase(), name)
    else found(name, first, index)
  })
}
