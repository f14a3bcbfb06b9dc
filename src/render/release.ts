import type { Gateway } from '../model/gateway.js'
import type { NginxBuild } from '../model/nginx-build.js'
import type { RenderedFile } from '../model/rendered-file.js'
import type { Certificate } from '../model/tls.js'
import { renderHost } from './host-files.js'
import { nginxDialect, OLDEST_BUILD } from './nginx/dialect.js'

/** The files of one host's release by the NGINX that it has, null for one that is not known. */
export type ReleaseRenderer = (nginx: NginxBuild | null) => readonly RenderedFile[]

/** What `renderHost` renders, once for each dialect: a plan asks for the same files again and again. */
export function releaseFor(
  gateway: Gateway,
  host: string,
  certificates: readonly Certificate[],
): ReleaseRenderer {
  const rendered = new Map<string, readonly RenderedFile[]>()
  return (build) => {
    const nginx = build ?? OLDEST_BUILD
    const dialect = JSON.stringify(nginxDialect(nginx))
    const files = rendered.get(dialect) ?? renderHost(gateway, host, { nginx, certificates })
    rendered.set(dialect, files)
    return files
  }
}
