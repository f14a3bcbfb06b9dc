import { createHash } from 'node:crypto'
import type { Gateway } from '../../model/gateway.js'
import type { NginxBuild } from '../../model/nginx-build.js'
import type { RenderedFile } from '../../model/rendered-file.js'
import type { Certificate } from '../../model/tls.js'
import { nginxDialect } from './dialect.js'
import { errorsSnippet } from './errors.js'
import { headersSnippet } from './headers.js'
import { mainConfiguration } from './main.js'
import {
  certificatePaths,
  ERRORS_SNIPPET,
  HEADERS_SNIPPET,
  poolPath,
  PROXY_SNIPPET,
  sitePath,
} from './paths.js'
import { poolConfiguration } from './pool.js'
import { proxySnippet } from './proxy.js'
import { siteConfiguration } from './site.js'
import { printNginx, type NginxNode } from './syntax.js'

export interface NginxOptions {
  /** The NGINX that is to read the files. */
  readonly nginx: NginxBuild
  readonly certificates: readonly Certificate[]
}

/** Every file that NGINX reads on a gateway, in the folder `nginx`; the same on every host with the same NGINX. */
export function renderNginx(gateway: Gateway, { nginx, certificates }: NginxOptions): RenderedFile[] {
  const dialect = nginxDialect(nginx)
  const shared = [
    textFile('nginx.conf', mainConfiguration(gateway, dialect)),
    ...gateway.pools.map((pool) => textFile(poolPath(pool.name), poolConfiguration(pool))),
    textFile(HEADERS_SNIPPET, headersSnippet(gateway)),
    textFile(ERRORS_SNIPPET, errorsSnippet()),
    textFile(PROXY_SNIPPET, proxySnippet(gateway)),
  ]
  const site = (version: string): RenderedFile =>
    textFile(sitePath(gateway.domain), siteConfiguration(gateway, { dialect, certificates, version }))
  return [...shared, site(versionOf([...shared, site('')])), ...certificates.flatMap(certificateFiles)]
}

/** A name for the configuration as a whole, until a release gives it one: equal on every gateway that has the same. */
function versionOf(files: readonly RenderedFile[]): string {
  const hash = createHash('sha256')
  for (const { path, content } of files) hash.update(`${path}\n${String(content)}\n`)
  return hash.digest('hex').slice(0, 12)
}

function textFile(path: string, nodes: readonly NginxNode[]): RenderedFile {
  return { path: `nginx/${path}`, mode: '0644', content: printNginx(nodes) }
}

function certificateFiles(certificate: Certificate): RenderedFile[] {
  const paths = certificatePaths(certificate)
  return [
    { path: `nginx/${paths.chain}`, mode: '0644', content: certificate.chain },
    { path: `nginx/${paths.key}`, mode: '0600', content: certificate.key },
  ]
}
