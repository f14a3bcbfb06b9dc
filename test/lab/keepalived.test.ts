import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { block, line, printKeepalived } from '../../src/render/keepalived/syntax.js'
import { expectFailure } from './fixtures/failure.js'
import { deployLab } from './fixtures/gateway.js'
import { gw, variantInventory, type Changes } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import {
  expectStays,
  GATEWAYS,
  holders,
  property,
  records,
  settledPair,
  SOON,
  type GatewayName,
} from './fixtures/vrrp.js'

/** keepalived's configuration over its life: what it reads, what a reload does, what is refused, adverts without multicast. */

const lab = ownLab()
const CONFIGURATION = '/var/lib/gw/current/keepalived/keepalived.conf'
const MULTICAST_GROUP = '224.0.0.18'

let holder: GatewayName
let peer: GatewayName
let written: Awaited<ReturnType<typeof records>>

beforeAll(deploySteady)

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
  written = await records()
})

afterAll(async () => {
  await deployLab()
  await settledPair()
})

/** Nothing here is about speed: a busy machine that is late with its adverts must not move the address. */
function deployWith(vip: Changes, ...flags: string[]) {
  const inventory = variantInventory({ gateway: { vip, vrrp: { profile: 'steady' } } })
  return gw(['deploy', inventory, ...flags, '--json'])
}

async function deploySteady(): Promise<void> {
  expect((await deployWith({})).json()).toMatchObject({ ok: true })
}

async function expectNothingHappened(): Promise<void> {
  await expectStays(holder)
  for (const host of GATEWAYS) expect(await written[host].states()).toEqual([])
}

describe('what gw writes for systemd', () => {
  it('are units that systemd finds nothing wrong with', async () => {
    const verify = 'systemd-analyze verify --man=no nginx.service keepalived.service 2>&1'
    expect(await onHost(holder, verify)).toMatchObject({ status: 0, stdout: '' })
  })

  it('lets NGINX open as many files as its configuration wants', async () => {
    // A container grants fewer, so what is asked for is looked at.
    const wanted = await hostSays(holder, "grep -o '^worker_rlimit_nofile [0-9]*' /etc/nginx/nginx.conf")
    expect(wanted).toBe(`worker_rlimit_nofile ${await property(holder, 'nginx', 'LimitNOFILE')}\n`)
  })
})

describe('words that keepalived might take for its own', () => {
  const words = [
    "it's",
    'a!b',
    '#',
    'a{b',
    '}a',
    '{}',
    'a b',
    '@gw-1',
    '~SEQ(a,1,2)',
    'include',
    ' a ',
    'ü€',
    'a=b;|&*?',
  ]

  it('are read as they are meant', async () => {
    // A network of its own, where nothing is asked for and nobody answers.
    const instances = words.map((word, index) =>
      block(
        ['vrrp_instance', word],
        [
          line('interface', 'eth0'),
          line('virtual_router_id', index + 1),
          block(['virtual_ipaddress'], [line(`192.0.2.${index + 1}`)]),
        ],
      ),
    )
    const run = `dir=$(mktemp -d) && cat >"$dir/conf" && unshare --net sh -c '
        ip link add eth0 type veth peer name eth1
        timeout 1 keepalived --dont-fork --dump-conf --log-console --use-file="$1/conf" \\
          --pid="$1/1" --vrrp_pid="$1/2" --checkers_pid="$1/3" 2>&1
      ' sh "$dir"; rm -r "$dir"`
    const dump = await hostSays(holder, run, printKeepalived(instances))
    const read = [...dump.matchAll(/VRRP Instance = (.*)/g)].map((match) => match[1])
    expect(read).toEqual(words)
  })
})

describe('a reload of keepalived', () => {
  afterEach(deploySteady)

  it('keeps the address where it is, with settings changed and priorities turned round', async () => {
    const before = await property(holder, 'keepalived', 'MainPID')
    const priorities = { [holder]: 90, [peer]: 100 }
    const result = await deployWith({ advert_interval: '200ms', priorities })
    expect(result.json()).toMatchObject({ ok: true })
    for (const host of GATEWAYS)
      expect(await hostSays(host, `cat ${CONFIGURATION}`)).toMatch(/advert_int 0.2\n +down_timer_adverts 5\n/)
    await expectNothingHappened()
    expect(await property(holder, 'keepalived', 'MainPID')).toBe(before)
    await hostSays(holder, 'systemctl stop nginx && systemctl start nginx')
    await expect.poll(() => written[peer].changes(), SOON).toMatchObject([{ state: 'MASTER', priority: 100 }])
  })

  it('changes nothing at all when the file has a mistake, and says which', async () => {
    await hostSays(holder, `cp -p ${CONFIGURATION} /tmp/gw-test-keepalived.conf`)
    await hostSays(holder, `sed -i 's/nopreempt$/nopreemt/' ${CONFIGURATION} && systemctl reload keepalived`)
    const refused = () => hostSays(holder, 'cat /run/gw/keepalived-refused.log || true')
    await expect.poll(refused, SOON).toContain("Unknown keyword 'nopreemt'")
    await expectNothingHappened()
    await hostSays(
      holder,
      `cp -p /tmp/gw-test-keepalived.conf ${CONFIGURATION} && systemctl reload keepalived`,
    )
    await expectNothingHappened()
  })
})

describe('a configuration that keepalived refuses', () => {
  it('is never published', async () => {
    const links = () =>
      Promise.all(GATEWAYS.map((host) => hostSays(host, 'readlink -f /etc/keepalived/keepalived.conf')))
    const before = await links()
    const envelope = expectFailure(await deployWith({ interface: 'eth9' }), {
      code: 'RELEASE_NOT_STARTABLE',
      status: 3,
    })
    for (const host of GATEWAYS) expect(envelope.hosts[host]?.outcome).toBe('failed')
    expect(await links()).toEqual(before)
    await expectNothingHappened()
  })

  it('gives exit codes other than 0, whatever is wrong with it', async () => {
    const text = await hostSays(holder, `cat ${CONFIGURATION}`)
    const wrong = [
      text.replace('nopreempt\n', 'nopreemt\n'),
      text.replace(/virtual_router_id \d+/, 'virtual_router_id 256'),
      text.replace(`${lab.virtualIp}/24`, `${lab.virtualIp}/33`),
      text.replace('interface eth0', 'interface eth9'),
      text.replace('    track_file {\n        nginx\n', '    track_file {\n        apache\n'),
      text.replace(/\}\n$/, ''),
    ]
    const test = 'cat >/tmp/gw-test.conf && keepalived -t -f /tmp/gw-test.conf 2>/dev/null'
    for (const each of wrong) {
      expect(each).not.toBe(text)
      expect((await onHost(holder, test, each)).status).not.toBe(0)
    }
    expect((await onHost(holder, test, text)).status).toBe(0)
  })
})

describe('adverts from host to host', () => {
  beforeAll(async () => {
    const chain = 'type filter hook output priority 0;'
    const table = `chain sent { ${chain} ip daddr ${MULTICAST_GROUP} counter; }`
    await Promise.all(GATEWAYS.map((host) => hostSays(host, `nft 'table ip gw_test { ${table}; }'`)))
    // Between the two hosts' turns they do not hear each other, which nothing protects from.
    const deployed = await deployWith({ unicast: true }, '--allow-unprotected')
    expect(deployed.json()).toMatchObject({ ok: true })
  })
  afterAll(async () => {
    await deploySteady()
    await Promise.all(GATEWAYS.map((host) => hostSays(host, 'nft delete table ip gw_test')))
  })

  it('make one holder without the multicast group, and a takeover without one multicast advert', async () => {
    for (const host of GATEWAYS) {
      expect(await hostSays(host, 'ip maddr show dev eth0')).not.toContain(MULTICAST_GROUP)
      const other = host === 'gw-1' ? 'gw-2' : 'gw-1'
      const text = await hostSays(host, `cat ${CONFIGURATION}`)
      expect(text).toContain(`unicast_src_ip ${lab.addresses[host] ?? ''}\n`)
      expect(text).toMatch(new RegExp(`unicast_peer \\{\\n +${lab.addresses[other] ?? ''}\\n +\\}`))
    }
    const before = await Promise.all(GATEWAYS.map(multicastAdverts))
    await expectStays(holder)
    await hostSays(holder, 'systemctl stop nginx')
    await expect.poll(holders, SOON).toEqual([peer])
    await hostSays(holder, 'systemctl start nginx')
    await expect.poll(() => written[holder].states(), SOON).toEqual(['FAULT', 'BACKUP'])
    await expectStays(peer)
    expect(await written[peer].states()).toEqual(['MASTER'])
    expect(await Promise.all(GATEWAYS.map(multicastAdverts))).toEqual(before)
  })

  it('go back to the multicast group with the next deploy', async () => {
    expect((await deployWith({}, '--allow-unprotected')).json()).toMatchObject({ ok: true })
    for (const host of GATEWAYS) {
      expect(await hostSays(host, 'ip maddr show dev eth0')).toContain(MULTICAST_GROUP)
    }
    const before = await Promise.all(GATEWAYS.map(multicastAdverts))
    await settledPair()
    // The count that stood still above does count adverts.
    await expect.poll(() => Promise.all(GATEWAYS.map(multicastAdverts)), SOON).not.toEqual(before)
  })
})

/** Adverts that a host has sent to the group since they are counted: hosts send other packets to groups when they like. */
async function multicastAdverts(host: GatewayName): Promise<number> {
  const said = await hostSays(host, 'nft list table ip gw_test')
  return Number(/counter packets (\d+)/.exec(said)?.[1])
}
