import type { ErrorHeader } from '../../model/headers.js'
import { OWN_PATHS } from '../../model/own-paths.js'
import { REQUEST_ID } from './clients.js'
import { HEADERS_SNIPPET } from './paths.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** An answer that the gateway itself gives. `headers` are added to it by name. */
interface GatewayError {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Partial<Record<ErrorHeader, string>>>
  /** The variable that says which error is answered instead, where that depends on the tries at the backends. */
  readonly answeredAs?: string
}

const UNAVAILABLE_RETRY_SECONDS = '30'

const ERRORS: readonly GatewayError[] = [
  { status: 400, code: 'BAD_REQUEST', message: 'The request is malformed.' },
  { status: 401, code: 'UNAUTHORIZED', message: 'The request lacks credentials that this path requires.' },
  { status: 403, code: 'FORBIDDEN', message: 'The request is not allowed from here.' },
  { status: 404, code: 'NOT_FOUND', message: 'There is nothing at this path.' },
  {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: 'The method is not allowed for this path.',
    headers: { Allow: '$gw_methods' },
  },
  { status: 413, code: 'PAYLOAD_TOO_LARGE', message: 'The body of the request is too large.' },
  { status: 414, code: 'URI_TOO_LONG', message: 'The URI of the request is too long.' },
  { status: 421, code: 'MISDIRECTED_REQUEST', message: 'This server does not serve that host name.' },
  {
    status: 429,
    code: 'RATE_LIMIT_EXCEEDED',
    message: 'Too many requests.',
    headers: {
      'Retry-After': '$gw_retry_after',
      'X-RateLimit-Limit': '$gw_limit',
      'X-RateLimit-Remaining': '$gw_limit_remaining',
      'X-RateLimit-Reset': '$gw_limit_reset',
    },
  },
  { status: 431, code: 'REQUEST_HEADERS_TOO_LARGE', message: 'The headers of the request are too large.' },
  { status: 500, code: 'INTERNAL_ERROR', message: 'The gateway failed.' },
  { status: 501, code: 'NOT_IMPLEMENTED', message: 'The request is coded in an unknown way.' },
  {
    status: 502,
    code: 'BAD_GATEWAY',
    message: 'The backend gave no valid answer.',
    answeredAs: '$gw_bad_gateway',
  },
  {
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    message: 'The service is not available.',
    headers: { 'Retry-After': UNAVAILABLE_RETRY_SECONDS },
  },
  {
    status: 504,
    code: 'GATEWAY_TIMEOUT',
    message: 'The backend did not answer in time.',
    answeredAs: '$gw_gateway_timeout',
  },
  { status: 505, code: 'HTTP_VERSION_NOT_SUPPORTED', message: 'The version of HTTP is not supported.' },
]

/** NGINX's own statuses for requests that it cannot read, and the one that clients get. */
const NGINX_ONLY: Readonly<Record<number, number>> = { 494: 431, 495: 400, 496: 400, 497: 400 }

/** Where the gateway answers with this status. */
function errorPath(status: number | string): string {
  return `${OWN_PATHS.errors}${status}`
}

/**
 * Errors of the gateway itself as JSON; what a backend answers passes through untouched. A rejected request shows the
 * figures of the rate limit, if that is what rejected it.
 */
export function errorsSnippet(): NginxNode[] {
  return [
    comment('Errors of the gateway itself, as JSON. What a backend answers passes through untouched.'),
    ...ERRORS.map(({ status, answeredAs = status }) => errorPage(status, answeredAs)),
    ...Object.entries(NGINX_ONLY).map(([status, answered]) => errorPage(status, answered)),
    ...ERRORS.map((error) => block('location', ['=', errorPath(error.status)], answer(error))),
  ]
}

/** The `=` takes the status from the answer, whatever the error was. */
function errorPage(status: number | string, answered: number | string): NginxNode {
  return directive('error_page', status, '=', errorPath(answered))
}

function answer({ status, code, message, headers = {} }: GatewayError): NginxNode[] {
  const added = Object.entries(headers).map(([name, value]) => directive('add_header', name, value, 'always'))
  const body = { success: false, error: { code, message, request_id: REQUEST_ID } }
  return [
    directive('internal'),
    ...(added.length > 0 ? [directive('include', HEADERS_SNIPPET), ...added] : []),
    directive('default_type', 'application/json'),
    directive('return', status, JSON.stringify(body)),
  ]
}

/** A `set` for the whole server would come once more on the way to the answer, and empty what a route has set. */
const SET_BY_ROUTES = ['$gw_methods', '$gw_rate_limit', '$gw_rate_retry', '$gw_rate_reset']

/**
 * A status and a time for each try, `-` without a connection. Once all servers were tried or are left out, NGINX adds a
 * 502 and a `-` for none at all.
 */
function connectedAs(status: number, variable: string): NginxNode {
  return block(
    'map',
    ['$upstream_status|$upstream_connect_time', variable],
    [
      directive('default', status),
      directive(String.raw`~\|[-, :]+$`, 503),
      directive(String.raw`~(503|504)[, :]+502\|`, '$1'),
    ],
  )
}

/** For the http block. */
export function errorVariables(): NginxNode[] {
  const rejected = (variable: string, source: string, otherwise: string): NginxNode =>
    block(
      'map',
      ['$limit_req_status', variable],
      [directive('default', otherwise), directive('REJECTED', source)],
    )
  return [
    comment(
      'No connection to any backend: the service is not available. Else the backend is at fault, as its last answer says',
      'when no other was left to try.',
    ),
    ...ERRORS.flatMap(({ status, answeredAs }) =>
      answeredAs === undefined ? [] : connectedAs(status, answeredAs),
    ),
    comment('Routes with methods or rate limits of their own set these; anywhere else they are empty.'),
    ...SET_BY_ROUTES.map((variable) => block('map', ['', variable], [directive('default', '')])),
    comment(
      'What a request learns that a rate limit rejected; one that a connection limit rejected may come again soon.',
    ),
    rejected('$gw_retry_after', '$gw_rate_retry', '1'),
    rejected('$gw_limit', '$gw_rate_limit', ''),
    rejected('$gw_limit_remaining', '0', ''),
    rejected('$gw_limit_reset', '$gw_rate_reset', ''),
  ]
}
