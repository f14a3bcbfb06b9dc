import type { Gateway, VirtualIp } from '../../model/gateway.js'
import { block, comment, line, printKeepalived, type KeepalivedNode } from './syntax.js'

/** Where units tell each other their state; gone with a reboot, as the state is. */
export const NGINX_STATE_FOLDER = '/run/gw'

/** The file by which nginx.service tells keepalived whether NGINX serves: 0 when it does. */
export const NGINX_STATE_FILE = `${NGINX_STATE_FOLDER}/nginx.state`

/** The file by which the prober tells keepalived that NGINX runs and does not answer: 1 while it does not, else 0. */
export const LIVENESS_STATE_FILE = `${NGINX_STATE_FOLDER}/liveness.state`

/** What gw writes there to have a host give the virtual IP away that is well; the prober writes it over within a second. */
export const GIVES_AWAY = 2

/** The VRRP instance that carries the virtual IP. */
export const VRRP_INSTANCE = 'gateway'

/** Where keepalived finds the script that writes down its changes of state; mode 0755. */
export const NOTIFY_SCRIPT = '/usr/local/lib/gw/vrrp-notify'

/** What keepalived says about a configuration that it refused to reload. */
const REFUSED_RELOAD_LOG = `${NGINX_STATE_FOLDER}/keepalived-refused.log`

/**
 * keepalived.conf of one gateway host.
 * @throws Error when the model lacks what the inventory should have asked for, or holds what keepalived cannot read
 */
export function keepalivedConfiguration(gateway: Pick<Gateway, 'virtualIp'>, host: string): string {
  return printKeepalived([
    comment('Written by gw: changes made here are overwritten by the next deploy.'),
    ...globalSettings(host),
    ...nginxState(),
    ...livenessState(),
    ...instance(gateway.virtualIp, host),
  ])
}

function globalSettings(host: string): KeepalivedNode[] {
  return [
    comment('This host, and how keepalived runs on it.'),
    block(
      ['global_defs'],
      [
        line('router_id', host),
        line('vrrp_version', 3),

        comment('Nothing that anybody but root could change is run.'),
        line('enable_script_security'),
        line('script_user', 'root'),

        comment('A reload with a mistake in this file changes nothing; the mistake is told there.'),
        line('reload_check_config', REFUSED_RELOAD_LOG),

        comment(
          'A busy processor or swapped memory must not hold back adverts: when a few in a row are late, the peer takes',
          'the address.',
        ),
        line('vrrp_rt_priority', 50),
        line('max_auto_priority', -1),
        line('vrrp_no_swap'),

        comment(
          'Gratuitous ARP (IPv6: neighbour advertisements) tells switches and neighbours where the address is:',
          'five at a takeover, five a second later, then one every 30 s for those that missed them.',
        ),
        line('vrrp_garp_master_repeat', 5),
        line('vrrp_garp_master_delay', 1),
        line('vrrp_garp_master_refresh', 30),

        comment(
          'After both hosts held the address for a while (a cut network), the one that gives it up has the other',
          'tell the network again.',
        ),
        line('vrrp_higher_prio_send_advert'),
      ],
    ),
  ]
}

function nginxState(): KeepalivedNode[] {
  return [
    comment(
      'nginx.service writes 0 here while NGINX serves, and 1 when it stops or dies. Weight 0: anything but 0 in the',
      'file means FAULT, which gives the address away at once. A weight that only lowers the priority would never move',
      'it, since a peer with nopreempt does not answer a lower advert.',
    ),
    block(['track_file', 'nginx'], [line('file', NGINX_STATE_FILE), line('weight', 0), line('init_file', 1)]),
  ]
}

function livenessState(): KeepalivedNode[] {
  return [
    comment(
      'gw-liveness.service writes 1 here while NGINX runs but does not answer on this host, and 0 when it does, or when',
      'there is nobody to ask. It never looks at backends: one dead pool must not move the address.',
    ),
    block(
      ['track_file', 'liveness'],
      [line('file', LIVENESS_STATE_FILE), line('weight', 0), line('init_file', 0)],
    ),
  ]
}

function instance(vip: VirtualIp, host: string): KeepalivedNode[] {
  return [
    comment(
      'BACKUP and nopreempt on every host: whoever holds the address keeps it until it fails, so an address that has',
      'moved does not move back by itself. keepalived ignores nopreempt in a host that starts as MASTER.',
    ),
    block(
      ['vrrp_instance', VRRP_INSTANCE],
      [
        line('state', 'BACKUP'),
        line('nopreempt'),
        line('interface', vip.interface),
        line('virtual_router_id', vip.virtualRouterId),
        line('priority', known(vip.priorities[host], 'VRRP priority', host)),
        line('advert_int', vip.advertIntervalMs / 1000),
        line('down_timer_adverts', vip.downAdverts),
        ...(vip.unicast ? unicast(vip, host) : []),
        block(['virtual_ipaddress'], [line(`${vip.address}/${vip.prefixLength}`, 'dev', vip.interface)]),
        block(['track_file'], [line('nginx'), line('liveness')]),

        comment('Writes every change of state to syslog and the audit file; starts and stops nothing.'),
        line('notify', NOTIFY_SCRIPT),
      ],
    ),
  ]
}

function unicast({ addresses }: VirtualIp, host: string): KeepalivedNode[] {
  const peers = Object.entries(addresses).filter(([name]) => name !== host)
  // A single gateway has nobody to tell, and keepalived refuses an empty list.
  if (peers.length === 0) return []
  return [
    comment('Adverts go from host to host, and none is believed that comes from anywhere else.'),
    line('unicast_src_ip', known(addresses[host], 'address for VRRP', host)),
    line('check_unicast_src'),
    block(
      ['unicast_peer'],
      peers.map(([, address]) => line(address)),
    ),
  ]
}

function known<T>(value: T | undefined, what: string, host: string): T {
  if (value !== undefined) return value
  throw new Error(`no ${what} of ${host}: the inventory should have refused this`)
}
