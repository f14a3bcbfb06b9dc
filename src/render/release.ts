import type { Gateway } from '../model/gateway.js'
import type { NginxBuild } from '../model/nginx-build.js'
import type { RenderedFile } from '../model/rendered-file.js'
import type { Certificate } from '../model/tls.js'
import { keepalivedConfiguration } from './keepalived/configuration.js'
import { nginxDialect, OLDEST_BUILD } from './nginx/dialect.js'
import { renderNginx } from './nginx/files.js'

/**
 * Every file of one host's release but release.conf, by paths relative to it and by the NGINX that it has; null for one
 * that is not known. They do not depend on the release's name, so hosts and releases are compared by them.
 */
export type ReleaseRenderer = (nginx: NginxBuild | null) => readonly RenderedFile[]

/**
 * Renders the releases of a gateway's hosts. What NGINX reads differs by dialect only and is rendered once for each: hosts
 * share it, and a plan asks for the same files again and again.
 */
export function releasesOf(
  gateway: Gateway,
  certificates: readonly Certificate[],
): (host: string) => ReleaseRenderer {
  const rendered = new Map<string, readonly RenderedFile[]>()
  const nginxFiles = (nginx: NginxBuild): readonly RenderedFile[] => {
    const dialect = JSON.stringify(nginxDialect(nginx))
    const files = rendered.get(dialect) ?? renderNginx(gateway, { nginx, certificates })
    rendered.set(dialect, files)
    return files
  }
  return (host) => {
    const content = keepalivedConfiguration(gateway, host)
    const keepalived: RenderedFile = { path: 'keepalived/keepalived.conf', mode: '0644', content }
    return (nginx) => [...nginxFiles(nginx ?? OLDEST_BUILD), keepalived]
  }
}
