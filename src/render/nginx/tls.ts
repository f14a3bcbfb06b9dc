import type { Certificate } from '../../model/tls.js'
import { certificatePaths } from './paths.js'
import { comment, directive, type NginxNode } from './syntax.js'

/** Of TLS 1.2 only suites with forward secrecy and AEAD, for ECDSA and RSA keys; of 1.3 the library's own choice. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

export function tlsSettings(): NginxNode[] {
  return [
    comment('TLS 1.2 and 1.3 with forward secrecy; clients choose, since they know what is fast for them.'),
    directive('ssl_protocols', 'TLSv1.2', 'TLSv1.3'),
    directive('ssl_ciphers', CIPHERS.join(':')),
    directive('ssl_prefer_server_ciphers', 'off'),
    directive('ssl_session_cache', 'shared:gw_tls:50m'),
    directive('ssl_session_timeout', '1d'),
    directive('ssl_session_tickets', 'off'),
  ]
}

export function certificateDirectives(certificates: readonly Certificate[]): NginxNode[] {
  return certificates
    .map(certificatePaths)
    .flatMap(({ chain, key }) => [directive('ssl_certificate', chain), directive('ssl_certificate_key', key)])
}
