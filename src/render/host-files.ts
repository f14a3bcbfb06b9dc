import type { Gateway } from '../model/gateway.js'
import type { RenderedFile } from '../model/rendered-file.js'
import { keepalivedConfiguration } from './keepalived/configuration.js'
import { renderNginx, type NginxOptions } from './nginx/files.js'

/** Every file of one gateway's release. Equal arguments give equal files. */
export function renderHost(gateway: Gateway, host: string, options: NginxOptions): RenderedFile[] {
  return [
    ...renderNginx(gateway, options),
    {
      path: 'keepalived/keepalived.conf',
      mode: '0644',
      content: keepalivedConfiguration(gateway, host),
    },
  ]
}
