import type { Gateway } from '../../model/gateway.js'
import { REMOVED_HEADERS, type ForwardedHeader } from '../../model/headers.js'
import { REQUEST_ID } from './clients.js'
import { errorVariables } from './errors.js'
import { headerVariables, hiddenHeaders } from './headers.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** What a backend learns of the client. One address: that of the client, as the gateway has established it. */
const FORWARDED: Readonly<Record<ForwardedHeader, string>> = {
  Host: '$host',
  'X-Real-IP': '$remote_addr',
  'X-Forwarded-For': '$remote_addr',
  'X-Forwarded-Proto': '$scheme',
  'X-Forwarded-Host': '$host',
  'X-Request-ID': REQUEST_ID,
}

const CONNECT_TIMEOUT = '5s'

/** What holds for every request to a backend. */
export function proxySnippet(gateway: Gateway): NginxNode[] {
  return [
    comment(
      'For every request to a backend. A path that it might read otherwise than NGINX does is no path.',
    ),
    block('if', ['($gw_ambiguous)'], [directive('return', 400)]),
    directive('proxy_http_version', '1.1'),
    directive('proxy_connect_timeout', CONNECT_TIMEOUT),
    directive('proxy_buffer_size', '4k'),
    directive('proxy_buffers', 8, '4k'),
    ...Object.entries(FORWARDED).map(([name, value]) => directive('proxy_set_header', name, value)),
    comment('Clients never speak in the name of the gateway.'),
    // NGINX sends no header that is empty.
    ...[...gateway.identityHeaders, ...REMOVED_HEADERS].map((name) =>
      directive('proxy_set_header', name, ''),
    ),
    comment('A backend answers for itself: it sends nobody to other locations of the gateway.'),
    directive('proxy_ignore_headers', 'X-Accel-Redirect'),
    comment('The gateway says these itself, once.'),
    ...hiddenHeaders(gateway).map((name) => directive('proxy_hide_header', name)),
  ]
}

/** For the http block: after which failures a request is tried on another server, if its method may be repeated. */
export function retryConditions(): NginxNode[] {
  return [
    comment('What is tried on another server, unless its pool turns that off.'),
    directive('proxy_next_upstream', 'error', 'timeout', 'http_502', 'http_503', 'http_504'),
  ]
}

/** The maps that answers and requests to backends use. */
export function proxyVariables(gateway: Gateway): NginxNode[] {
  return [
    ...headerVariables(gateway),
    ...errorVariables(),
    ...pathVariable(),
    ...preflightVariable(gateway),
    ...upgradeVariables(gateway),
  ]
}

/**
 * NGINX chooses the route by the path without its dot segments, and a backend gets the path as it was written: by one of
 * those a client would get around the rules of a route. Some systems take a backslash for a slash, and drop what
 * follows a semicolon. A `#` belongs into no request: NGINX ends the path there, a backend may not.
 */
function pathVariable(): NginxNode[] {
  const dots = String.raw`(?:/|%2f)(?:\.|%2e){1,2}(?:/|%2f|;|\?|$)`
  return [
    comment('A path with dot segments or backslashes, encoded or not, or with a fragment.'),
    block(
      'map',
      ['$request_uri', '$gw_ambiguous'],
      [directive('default', ''), directive(String.raw`~*^[^?]*(?:[\\#]|%5c|${dots})`, 1)],
    ),
  ]
}

/** A browser asks whether it may send a header before it sends it, so that question cannot have it. */
function preflightVariable({ routes }: Gateway): NginxNode[] {
  if (routes.every(({ requiredHeaders }) => requiredHeaders.length === 0)) return []
  return [
    comment("A browser's question whether it may send the headers that a route requires."),
    block(
      'map',
      ['$request_method:$http_access_control_request_method', '$gw_preflight'],
      [directive('default', ''), directive('~^OPTIONS:.', 1)],
    ),
  ]
}

function upgradeVariables({ routes }: Gateway): NginxNode[] {
  if (!routes.some((route) => route.kind === 'pool' && route.websocket)) return []
  return [
    comment(
      'Only WebSockets may turn a connection into something else: any other protocol would carry requests past the',
      'gateway unseen.',
    ),
    forWebSocket('$gw_upgrade', 'websocket'),
    forWebSocket('$gw_connection', 'upgrade'),
  ]
}

function forWebSocket(variable: string, value: string): NginxNode {
  return block(
    'map',
    ['$http_upgrade', variable],
    [directive('default', ''), directive('~*^websocket$', value)],
  )
}
