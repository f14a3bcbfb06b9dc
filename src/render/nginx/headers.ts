import type { Gateway } from '../../model/gateway.js'
import type { AnswerHeader } from '../../model/headers.js'
import { REQUEST_ID } from './clients.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

const HSTS = 'strict-transport-security'
const HSTS_VARIABLE = '$gw_strict_transport_security'

/** What the gateway tells of a request in every answer. */
const OWN: Readonly<Record<AnswerHeader, string>> = {
  'X-Request-ID': REQUEST_ID,
  'X-Gateway-Time': '$request_time',
  // When the header is sent, the whole time of the backend is not known yet and would be `-`.
  'X-Upstream-Time': '$upstream_header_time',
  'X-Cache-Status': '$upstream_cache_status',
}

/**
 * The headers of every answer. NGINX drops those of the outer level wherever a location adds one of its own, so each
 * such location includes this file as well.
 */
export function headersSnippet({ responseHeaders }: Gateway): NginxNode[] {
  const headers = { ...responseHeaders, ...OWN }
  return [
    comment(
      'On every answer. A location that adds a header must include this file too: NGINX drops those of the outer',
      'level there. An empty value adds no header.',
    ),
    ...Object.entries(headers).map(([name, value]) =>
      directive('add_header', name, isHsts(name) ? HSTS_VARIABLE : value, 'always'),
    ),
  ]
}

/** Headers of backends that clients never see: those that the gateway sets itself, and what tells of the software. */
export function hiddenHeaders({ responseHeaders }: Gateway): string[] {
  return [...Object.keys(responseHeaders), ...Object.keys(OWN), 'X-Powered-By']
}

/** Strict-Transport-Security belongs into answers over TLS only (RFC 6797, section 7.2). */
export function headerVariables({ responseHeaders }: Gateway): NginxNode[] {
  const value = Object.entries(responseHeaders).find(([name]) => isHsts(name))?.[1]
  if (value === undefined) return []
  return [
    comment('Only over TLS.'),
    block('map', ['$https', HSTS_VARIABLE], [directive('default', ''), directive('on', value)]),
  ]
}

function isHsts(name: string): boolean {
  return name.toLowerCase() === HSTS
}

/** The variable that holds a request's header. */
export function headerVariable(name: string): string {
  return `$http_${name.toLowerCase().replaceAll('-', '_')}`
}
