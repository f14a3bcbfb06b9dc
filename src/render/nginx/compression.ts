import type { NginxDialect } from './dialect.js'
import { comment, directive, type NginxNode } from './syntax.js'

/** What is worth compressing beside text/html, which NGINX adds itself. */
const TYPES = [
  'application/javascript',
  'application/json',
  'application/problem+json',
  'application/xml',
  'image/svg+xml',
  'text/css',
  'text/csv',
  'text/javascript',
  'text/plain',
  'text/xml',
]

export function compression({ brotli }: NginxDialect): NginxNode[] {
  return [
    comment('Text and JSON are compressed for clients that accept it.'),
    directive('gzip', 'on'),
    directive('gzip_comp_level', 6),
    directive('gzip_min_length', 256),
    directive('gzip_proxied', 'any'),
    directive('gzip_vary', 'on'),
    directive('gzip_types', ...TYPES),
    ...(brotli
      ? [
          directive('brotli', 'on'),
          directive('brotli_comp_level', 4),
          directive('brotli_min_length', 256),
          directive('brotli_types', ...TYPES),
        ]
      : []),
  ]
}
