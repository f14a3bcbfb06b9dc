import type { Certificate } from '../../model/tls.js'

// Paths as NGINX reads them: relative to the folder of the nginx.conf that it was started with, so that a staged copy
// and the live one each read their own files.

export const HEADERS_SNIPPET = 'gw/snippets/headers.conf'
export const ERRORS_SNIPPET = 'gw/snippets/errors.conf'
export const PROXY_SNIPPET = 'gw/snippets/proxy.conf'
export const RELEASE_CONF_PATH = 'gw/release.conf'

export function poolPath(name: string): string {
  return `gw/pools/${name}.conf`
}

export function sitePath(domain: string): string {
  return `gw/sites/${domain}.conf`
}

export function certificatePaths({ algorithm }: Certificate): { chain: string; key: string } {
  return { chain: `gw/tls/${algorithm}.crt`, key: `gw/tls/${algorithm}.key` }
}
