import type { Logging } from '../../model/gateway.js'
import { REQUEST_ID } from './clients.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** NGINX makes a GET of a request on the way to an error's answer; the request line still has the client's own word. */
const METHOD = '$gw_method'

const FIELDS = [
  ['timestamp', '$time_iso8601'],
  ['request_id', REQUEST_ID],
  ['client', '$remote_addr'],
  ['host', '$host'],
  ['protocol', '$server_protocol'],
  ['method', METHOD],
  ['uri', '$request_uri'],
  ['status', '$status'],
  ['bytes', '$body_bytes_sent'],
  ['request_time', '$request_time'],
  ['upstream', '$upstream_addr'],
  ['upstream_status', '$upstream_status'],
  ['upstream_time', '$upstream_response_time'],
  ['cache', '$upstream_cache_status'],
  ['referer', '$http_referer'],
  ['user_agent', '$http_user_agent'],
] as const

/** One JSON object a request. Upstream fields hold every try, separated by commas. */
export function accessLog({ accessLog: path }: Logging): NginxNode[] {
  if (path === null) return [directive('access_log', 'off')]
  const fields = FIELDS.map(
    ([name, variable], index) => `"${name}":"${variable}"${index < FIELDS.length - 1 ? ',' : '}'}`,
  )
  return [
    comment("The client's own method: on the way to the answer of an error NGINX makes a GET of it."),
    block(
      'map',
      ['$request', METHOD],
      [directive('default', '$request_method'), directive('~^(?<gw_word>[A-Z]+) ', '$gw_word')],
    ),
    comment('One JSON object a request; of a retried one the upstream fields hold every try.'),
    directive('log_format', 'gw', 'escape=json', '{', ...fields),
    directive('access_log', path, 'gw', 'buffer=32k', 'flush=1s'),
  ]
}

/**
 * For places that serve files. NGINX writes the name of one that is not there into its error log as it was decoded: a line
 * feed in it would make whatever a client likes a line of the log.
 */
export function unloggedIfAbsent(): NginxNode {
  return directive('log_not_found', 'off')
}
