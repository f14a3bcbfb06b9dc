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
  RELEASE_CONF_PATH,
  sitePath,
} from './paths.js'
import { poolConfiguration } from './pool.js'
import { proxySnippet } from './proxy.js'
import { releaseVariable } from './release-name.js'
import { siteConfiguration } from './site.js'
import { printNginx, type NginxNode } from './syntax.js'

export interface NginxOptions {
  /** The NGINX that is to read the files. */
  readonly nginx: NginxBuild
  readonly certificates: readonly Certificate[]
}

/** What NGINX reads on a gateway but for release.conf, in the folder `nginx`; the same on every host with the same NGINX. */
export function renderNginx(gateway: Gateway, { nginx, certificates }: NginxOptions): RenderedFile[] {
  const dialect = nginxDialect(nginx)
  return [
    textFile('nginx.conf', mainConfiguration(gateway, dialect)),
    ...gateway.pools.map((pool) => textFile(poolPath(pool.name), poolConfiguration(pool))),
    textFile(HEADERS_SNIPPET, headersSnippet(gateway)),
    textFile(ERRORS_SNIPPET, errorsSnippet()),
    textFile(PROXY_SNIPPET, proxySnippet(gateway)),
    textFile(sitePath(gateway.domain), siteConfiguration(gateway, { dialect, certificates })),
    ...certificates.flatMap(certificateFiles),
  ]
}

/**
 * The file that tells clients which release answers, and the only one that differs between releases of the same files.
 * `release` is a release's name, or UNRELEASED.
 */
export function releaseConf(release: string): RenderedFile {
  return textFile(RELEASE_CONF_PATH, releaseVariable(release))
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
