import { LIVENESS } from '../../model/own-paths.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/**
 * The server that the prober of the host itself asks. It has a port of its own, and so a queue of its own: clients that
 * fill those of the public ports do not make it seem that NGINX hangs.
 */
export function livenessServer(): NginxNode[] {
  return [
    comment(
      'For the prober on the host itself (gw-liveness.service), by which keepalived knows that NGINX answers.',
    ),
    block(
      'server',
      [],
      [
        directive('listen', `${LIVENESS.address}:${LIVENESS.port}`),
        directive('access_log', 'off'),
        block(
          'location',
          ['=', LIVENESS.path],
          [directive('default_type', 'text/plain'), directive('return', 200, 'alive')],
        ),
        block('location', ['/'], [directive('return', 404)]),
      ],
    ),
  ]
}
