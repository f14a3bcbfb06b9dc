import { describe, expect, test } from 'vitest'
import { aptOptions, debianSources } from '../../src/lab/apt.js'
import { inventoryText } from '../../src/lab/inventory-file.js'
import { defaultRouteInterface } from '../../src/lab/machine-networks.js'
import { sshWords } from '../../src/lab/ssh.js'
import { labFiles, parseMemory } from '../../src/lab/state.js'
import { statusLines } from '../../src/lab/status.js'
import { layOut } from '../../src/lab/topology.js'

describe('the package sources of the hosts', () => {
  test("are the machine's own mirrors, the release replaced by that of the lab", () => {
    const targets = [
      'Debian trixie main http://mirror.example/debian/',
      'Debian trixie-updates main http://mirror.example/debian/',
      'Debian trixie-security main http://mirror.example/debian-security/',
      'Debian trixie contrib http://mirror.example/debian/',
      'Debian trixie-backports main http://mirror.example/debian/',
      'Docker trixie main http://other.example/linux/debian/',
      ' trixie main http://nobody.example/',
      '',
    ]
    expect(debianSources(targets.join('\n'))).toEqual([
      'deb http://mirror.example/debian/ bookworm main',
      'deb http://mirror.example/debian/ bookworm-updates main',
      'deb http://mirror.example/debian-security/ bookworm-security main',
    ])
  })

  test('are left to mmdebstrap on a machine that is not Debian', () => {
    expect(debianSources('Ubuntu noble main http://mirror.example/ubuntu/\n')).toEqual([])
    expect(debianSources('')).toEqual([])
  })

  test("keep the settings of the machine's apt without which its mirrors cannot be used", () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire "";',
      'Acquire::http::Proxy "http://proxy.example:3142";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::https::Proxy "";',
      'Acquire::http::User-Agent "x";',
    ]
    expect(aptOptions(dump.join('\n'))).toEqual([dump[2], dump[3]])
  })
})

test("the machine's way out is the interface of its default route", () => {
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
  const local = 'br0\t000012C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
  const half = 'tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n'
  const out = 'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
  expect(defaultRouteInterface(header + local + half + out)).toBe('eth0')
  expect(defaultRouteInterface(header + local)).toBeNull()
})

test("a lab's inventory says only what differs from the default lab's", () => {
  const lines = inventoryText(layOut('test', '198.18.7', 2)).split('\n')
  expect(lines.slice(0, 7)).toEqual([
    '# Written by `gw lab up --name test`, again each time it runs.',
    'extends: ../../../inventory/lab.yml',
    'connection:',
    '  identity_file: id_ed25519',
    '  known_hosts: [known_hosts]',
    'hosts:',
    '  gw-1: { address: 198.18.7.101 }',
  ])
  expect(lines.slice(-7)).toEqual([
    '  plain-2: { address: 198.18.7.152 }',
    'groups:',
    '  plain: { hosts: [plain-1, plain-2] }',
    'gateway:',
    '  vip: { address: 198.18.7.100/24 }',
    '  tls: { self_signed: tls }',
    '',
  ])
  expect(inventoryText(layOut('lab', '198.18.0', 0))).not.toContain('groups:')
})

test('a command for a host arrives there word by word', () => {
  const host = { name: 'gw-1', role: 'gateway', address: '198.18.0.101' } as const
  const words = sshWords(host, labFiles('/a b'), ['sh', '-c', "echo 'x  y' $HOME"])
  expect(words.slice(-4)).toEqual(['gw@198.18.0.101', 'sh', '-c', `'echo '\\''x  y'\\'' $HOME'`])
  expect(words).toContain('UserKnownHostsFile="/a b/known_hosts"')
  expect(sshWords(host, labFiles('/s'), []).at(-1)).toBe('gw@198.18.0.101')
})

test.each(['', 'null', '[]', '{"prefix":1,"plain":0}', '{"prefix":"198.18.0"}'])(
  '%j is no memory of a lab',
  (text) => {
    expect(parseMemory(text)).toBeNull()
  },
)

test('the status is a table, or the way to bring the lab up', () => {
  const hosts = [{ host: 'customer-1', address: '198.18.0.121', state: 'running' }]
  expect(statusLines({ name: 'lab', network: '198.18.0.0/24', hosts })).toEqual([
    'HOST        ADDRESS          STATE',
    'customer-1  198.18.0.121     running',
  ])
  expect(statusLines({ name: 'x', network: null, hosts: [] })).toEqual([
    'The lab x is not up. Type next: gw lab up --name x',
  ])
})
