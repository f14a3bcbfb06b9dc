import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VirtualIp } from '../../src/model/gateway.js'
import { keepalivedConfiguration } from '../../src/render/keepalived/configuration.js'
import { readKeepalived, type Statement } from './keepalived-reader.js'

const virtualIp: VirtualIp = {
  address: '10.0.1.100',
  prefixLength: 24,
  interface: 'eth0',
  virtualRouterId: 51,
  profile: 'fast',
  advertIntervalMs: 50,
  downAdverts: 3,
  priorities: { 'gw-1': 100, 'gw-2': 90, 'gw-3': 80 },
  unicast: false,
  addresses: { 'gw-3': '10.0.1.103', 'gw-1': '10.0.1.101', 'gw-2': '10.0.1.102' },
}

/** keepalived.conf of a host as keepalived reads it, by the first words of its blocks. */
function blocksOf(
  changes: Partial<VirtualIp>,
  host = 'gw-2',
): Readonly<Record<string, readonly Statement[]>> {
  const text = keepalivedConfiguration({ virtualIp: { ...virtualIp, ...changes } }, host)
  const blocks = readKeepalived(text).map(({ words, body }) => [words.join(' '), body ?? []] as const)
  return Object.fromEntries(blocks)
}

/** The lines of a block, and of the blocks in it, as text. */
function linesOf(body: readonly Statement[] = []): string[] {
  return body.flatMap(({ words, body: inner }) => {
    const line = words.join(' ')
    return inner === null ? [line] : linesOf(inner).map((each) => `${line} { ${each} }`)
  })
}

describe('keepalived.conf', () => {
  it('makes every host a BACKUP that keeps what it holds, and FAULT as soon as NGINX says that it stops', () => {
    const blocks = blocksOf({})
    expect(Object.keys(blocks)).toEqual([
      'global_defs',
      'track_file nginx',
      'track_file liveness',
      'vrrp_instance gateway',
    ])
    expect(linesOf(blocks['track_file nginx'])).toEqual([
      'file /run/gw/nginx.state',
      'weight 0',
      'init_file 1',
    ])
    // Until somebody says that NGINX hangs, it does not.
    expect(linesOf(blocks['track_file liveness'])).toEqual([
      'file /run/gw/liveness.state',
      'weight 0',
      'init_file 0',
    ])
    expect(linesOf(blocks['vrrp_instance gateway'])).toEqual([
      'state BACKUP',
      'nopreempt',
      'interface eth0',
      'virtual_router_id 51',
      'priority 90',
      'advert_int 0.05',
      'down_timer_adverts 3',
      'virtual_ipaddress { 10.0.1.100/24 dev eth0 }',
      'track_file { nginx }',
      'track_file { liveness }',
      'notify /usr/local/lib/gw/vrrp-notify',
    ])
  })

  it('sets each thing once for the whole process', () => {
    const keys = (blocksOf({})['global_defs'] ?? []).map(({ words }) => words[0])
    expect(keys).toEqual([...new Set(keys)])
    expect(keys).toEqual(expect.arrayContaining(['router_id', 'vrrp_version', 'enable_script_security']))
  })

  it('sends adverts to the other hosts alone, in the order of the inventory', () => {
    const lines = linesOf(blocksOf({ unicast: true })['vrrp_instance gateway'])
    expect(lines.filter((line) => line.includes('unicast'))).toEqual([
      'unicast_src_ip 10.0.1.102',
      'check_unicast_src',
      'unicast_peer { 10.0.1.103 }',
      'unicast_peer { 10.0.1.101 }',
    ])
  })

  it('takes addresses of IPv6', () => {
    const addresses = { 'gw-1': 'fd00::1', 'gw-2': 'fd00::2' }
    const blocks = blocksOf({ address: 'fd00::100', prefixLength: 64, unicast: true, addresses })
    expect(linesOf(blocks['vrrp_instance gateway'])).toEqual(
      expect.arrayContaining([
        'unicast_src_ip fd00::2',
        'unicast_peer { fd00::1 }',
        'virtual_ipaddress { fd00::100/64 dev eth0 }',
      ]),
    )
  })

  it('says the same on every host but for its name, its priority and its peers', () => {
    const [first, ...others] = ['gw-1', 'gw-2', 'gw-3'].map((host) =>
      keepalivedConfiguration({ virtualIp }, host)
        .replace(`router_id ${host}\n`, '')
        .replace(/^ +priority \d+\n/m, ''),
    )
    for (const other of others) expect(other).toBe(first)
  })

  it('is not written for a host without a priority, nor without an address that adverts could come from', () => {
    expect(() => keepalivedConfiguration({ virtualIp }, 'app-1')).toThrow('no VRRP priority of app-1')
    const vip = { ...virtualIp, unicast: true, addresses: { 'gw-1': '10.0.1.101' } }
    expect(() => keepalivedConfiguration({ virtualIp: vip }, 'gw-2')).toThrow('no address for VRRP of gw-2')
  })

  it('is refused or means what it says, whatever the interface is called', () => {
    const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'"\\ $!#{}\n@e0'.split('')) }))
    fc.assert(
      fc.property(name, (given) => {
        if (/["\\$]|^[{}]$|\p{Cc}/u.test(given)) expect(() => blocksOf({ interface: given })).toThrow()
        else {
          const words = blocksOf({ interface: given })['vrrp_instance gateway']?.map((each) => each.words)
          expect(words).toContainEqual(['interface', given])
        }
      }),
    )
  })
})
