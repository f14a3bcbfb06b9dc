import type { Gateway } from '../../model/gateway.js'

/** A line of keepalived configuration, or a block of them. The values are numbers and words of strict patterns. */
type KeepalivedNode = string | { readonly head: string; readonly body: readonly KeepalivedNode[] }

/** Where units tell each other their state; gone with a reboot, as the state is. */
export const NGINX_STATE_FOLDER = '/run/gw'

/** The file by which nginx.service tells keepalived whether NGINX serves: 0 when it does. */
export const NGINX_STATE_FILE = `${NGINX_STATE_FOLDER}/nginx.state`

/** keepalived.conf of one gateway host. */
export function keepalivedConfiguration(gateway: Gateway, host: string): string {
  const vip = gateway.virtualIp
  const priority = vip.priorities[host]
  if (priority === undefined)
    throw new Error(`no VRRP priority for ${host}: the inventory should have refused this`)
  return print([
    '# Written by gw: changes made here are overwritten by the next deploy.',
    {
      head: 'global_defs',
      body: [`router_id ${host}`, 'vrrp_version 3', 'enable_script_security', 'script_user root'],
    },
    {
      head: 'track_file nginx',
      // Weight 0: anything but 0 in the file means FAULT, which gives the address away at once. A weight that only
      // lowers the priority never moves it, since a nopreempt peer does not answer a lower advert.
      body: [`file "${NGINX_STATE_FILE}"`, 'weight 0', 'init_file 1'],
    },
    {
      head: 'vrrp_instance gateway',
      body: [
        // BACKUP on every host: keepalived ignores nopreempt in a host that starts as MASTER.
        'state BACKUP',
        'nopreempt',
        `interface ${vip.interface}`,
        `virtual_router_id ${vip.virtualRouterId}`,
        `priority ${priority}`,
        `advert_int ${vip.advertIntervalMs / 1000}`,
        { head: 'virtual_ipaddress', body: [`${vip.address}/${vip.prefixLength} dev ${vip.interface}`] },
        { head: 'track_file', body: ['nginx'] },
      ],
    },
  ])
}

function print(nodes: readonly KeepalivedNode[], indent = ''): string {
  return nodes
    .map((node) =>
      typeof node === 'string'
        ? `${indent}${node}\n`
        : `${indent}${node.head} {\n${print(node.body, `${indent}    `)}${indent}}\n`,
    )
    .join('')
}
