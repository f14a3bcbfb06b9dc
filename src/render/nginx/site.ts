import type { Gateway } from '../../model/gateway.js'
import { OWN_PATHS } from '../../model/own-paths.js'
import type { Certificate } from '../../model/tls.js'
import type { NginxDialect } from './dialect.js'
import { connectionLimits } from './limits.js'
import { livenessServer } from './liveness.js'
import { ERRORS_SNIPPET, HEADERS_SNIPPET } from './paths.js'
import { RELEASE_VARIABLE } from './release-name.js'
import { unloggedIfAbsent } from './log.js'
import { allowed, requirementLocations, routeLocations } from './route.js'
import { block, comment, directive, type NginxNode } from './syntax.js'
import { certificateDirectives } from './tls.js'

/** Where the files lie by which an authority that issues certificates recognises the domain. */
export const ACME_FOLDER = '/var/lib/gw/acme'

const LOOPBACK = ['127.0.0.1', '::1']

interface SiteOptions {
  readonly dialect: NginxDialect
  readonly certificates: readonly Certificate[]
}

/** The file of the site: the domain itself, plain HTTP, other names, and what the host's own prober asks. */
export function siteConfiguration(gateway: Gateway, options: SiteOptions): NginxNode[] {
  return [
    comment(
      `The site ${gateway.domain}. Its own errors are answered below ${OWN_PATHS.errors} (snippets/errors.conf), as JSON.`,
      'Beside rate limits stand the figures that an answer 429 shows; beside methods what an answer 405 shows.',
    ),
    block('server', [], domainServer(gateway, options)),
    comment('Plain HTTP: the files by which certificates are issued; for the rest, the way to HTTPS.'),
    block('server', [], plainHttpServer(gateway)),
    comment('Other names: there is no certificate for them, so the handshake is refused.'),
    block('server', [], otherNamesServer(gateway, options.dialect)),
    ...livenessServer(),
  ]
}

function plainHttpServer(gateway: Gateway): NginxNode[] {
  return [
    ...listen(gateway, 80, 'default_server'),
    directive('server_name', gateway.domain),
    ...snippets(),
    block(
      'location',
      [OWN_PATHS.acme],
      [directive('root', ACME_FOLDER), directive('default_type', 'text/plain'), unloggedIfAbsent()],
    ),
    block('location', ['/'], [directive('return', 301, `https://${gateway.domain}$request_uri`)]),
  ]
}

function otherNamesServer(gateway: Gateway, dialect: NginxDialect): NginxNode[] {
  return [
    ...listenTls(gateway, dialect, 'default_server'),
    directive('server_name', '_'),
    directive('ssl_reject_handshake', 'on'),
    ...snippets(),
    block('location', ['/'], [directive('return', 421)]),
  ]
}

function domainServer(gateway: Gateway, { dialect, certificates }: SiteOptions): NginxNode[] {
  return [
    ...listenTls(gateway, dialect),
    directive('server_name', gateway.domain),
    ...certificateDirectives(certificates),
    directive('absolute_redirect', 'off'),
    ...snippets(),
    comment('Of HTTP/2 the streams are counted: as many as so many connections carry.'),
    ...connectionLimits(gateway.limits),
    ...ownLocations(gateway),
    ...requirementLocations(gateway.routes),
    ...routeLocations(gateway),
    ...(gateway.routes.some(({ path }) => path === '/')
      ? []
      : [block('location', ['/'], [directive('return', 404)])]),
  ]
}

/** The paths that the gateway answers itself. A `return` comes before every limit. */
function ownLocations({ service, internalNetworks }: Gateway): NginxNode[] {
  return [
    block('location', ['=', '/'], [...json({ service, version: RELEASE_VARIABLE, status: 'ok' })]),
    block(
      'location',
      ['=', OWN_PATHS.health],
      [
        directive('access_log', 'off'),
        ...json({
          status: 'healthy',
          release: RELEASE_VARIABLE,
          node: '$hostname',
          timestamp: '$time_iso8601',
        }),
      ],
    ),
    block(
      'location',
      ['=', OWN_PATHS.status],
      [
        directive('access_log', 'off'),
        ...allowed([...LOOPBACK, ...internalNetworks]),
        directive('stub_status'),
      ],
    ),
  ]
}

/** `default_type` and not a header of our own: with both, there would be two Content-Type headers. */
function json(body: Readonly<Record<string, string>>): NginxNode[] {
  return [directive('default_type', 'application/json'), directive('return', 200, JSON.stringify(body))]
}

function snippets(): NginxNode[] {
  return [directive('include', HEADERS_SNIPPET), directive('include', ERRORS_SNIPPET)]
}

function listenTls(gateway: Gateway, { http2Directive }: NginxDialect, ...words: string[]): NginxNode[] {
  if (!http2Directive) return listen(gateway, 443, 'ssl', 'http2', ...words)
  return [...listen(gateway, 443, 'ssl', ...words), directive('http2', 'on')]
}

/** A host without IPv6 refuses to listen on `[::]`, so that is asked for only when the virtual IP is one. */
function listen({ virtualIp }: Gateway, port: number, ...words: string[]): NginxNode[] {
  const addresses = virtualIp.address.includes(':') ? [`${port}`, `[::]:${port}`] : [`${port}`]
  return addresses.map((address) => directive('listen', address, ...words))
}
