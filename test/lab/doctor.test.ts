import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Judgement } from '../../src/model/health.js'
import { gw, rawInventory, variantInventory, type Changes, type GwResult } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { journalOf, cursorOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'
import { expectStays, GATEWAYS, settledPair } from './fixtures/vrrp.js'

/** What `gw doctor` says of real hosts: bare ones, ones with a fault, and a pair that serves and must not notice. */

const lab = ownLab()
/** Two hosts that never become gateways. */
const [ONE, OTHER] = ['mon-1', 'customer-3'] as const
const PAIR = [ONE, OTHER]
const address = (host: string): string => lab.addresses[host] ?? ''

interface Doctor {
  readonly verdict: string
  readonly machine: Readonly<Record<string, Judgement>>
  readonly hosts: Readonly<Record<string, Readonly<Record<string, Judgement>>>>
  readonly network: Readonly<Record<string, Judgement>>
}

/** An inventory whose gateways are the two bare hosts. */
function pairInventory({ vip = {}, hosts = {} }: { vip?: Changes; hosts?: Changes } = {}): string {
  const connection = { user: 'gw', agent: false, become: 'sudo' }
  return rawInventory(
    JSON.stringify({
      connection: { ...connection, identity_file: lab.identityFile, known_hosts: [lab.knownHosts] },
      hosts: {
        [ONE]: { address: address(ONE), ...(hosts[ONE] as object | undefined) },
        [OTHER]: { address: address(OTHER) },
        'admin-1': { address: address('admin-1') },
      },
      groups: { gateways: { hosts: PAIR }, admin: { hosts: ['admin-1'] } },
      gateway: {
        domain: 'api.bare.example',
        vip: { address: `${lab.prefix}.99/24`, interface: 'eth0', virtual_router_id: 77, ...vip },
        tls: 'self-signed',
        pools: { admin: { port: 3000 } },
        routes: [{ path: '/', pool: 'admin' }],
      },
    }),
  )
}

async function doctor(inventory: string, ...flags: string[]): Promise<{ result: GwResult; seen: Doctor }> {
  const result = await gw(['doctor', inventory, '--timeout', PATIENCE, ...flags, '--json'])
  return { result, seen: result.json()['doctor'] as Doctor }
}

/** Every error and warning, each as `place check: message`. */
function found({ machine, hosts, network }: Doctor): string[] {
  const places = { 'this machine': machine, ...hosts, network }
  return Object.entries(places).flatMap(([place, checks]) =>
    Object.entries(checks).flatMap(([check, { findings }]) =>
      findings
        .filter(({ severity }) => severity !== 'note')
        .map(({ message }) => `${place} ${check}: ${message}`),
    ),
  )
}

/** How long a busy host may take to answer. */
const PATIENCE = '20s'

const undo: (() => Promise<unknown>)[] = []

/** Does something to a host until the test ends. */
async function until(host: string, script: string, back: string, input = ''): Promise<void> {
  undo.push(() => hostSays(host, back))
  await hostSays(host, script, input)
}

/** Has a Perl program run on a host until the test ends; waits until it does what it is for. */
async function running(host: string, program: string, isAtWork: string): Promise<void> {
  const [file, unit] = ['/root/gw-test.pl', 'gw-test-program']
  const wait = `timeout 10 sh -c 'until ${isAtWork}; do sleep 0.05; done'`
  const script = `cat >${file} && systemd-run --quiet --collect --unit=${unit} perl ${file} && ${wait}`
  await until(host, script, `systemctl stop ${unit}; rm ${file}`, program)
}

async function dropping(host: string, hook: 'input' | 'output', rule: string): Promise<void> {
  const chain = `nft add chain inet gwtest ${hook} '{ type filter hook ${hook} priority 0; }'`
  const script = `nft add table inet gwtest && ${chain} && nft add rule inet gwtest ${hook} ${rule} drop`
  await until(host, script, 'nft delete table inet gwtest')
}

beforeAll(async () => {
  const install = 'command -v nft >/dev/null || apt-get install -y -qq nftables >/dev/null 2>&1'
  await Promise.all(PAIR.map((host) => hostSays(host, install)))
})

afterEach(async () => {
  for (const back of undo.splice(0).reverse()) await back()
})

describe('bare hosts', () => {
  it('are fit, whatever they still lack that a deploy brings', async () => {
    const { result, seen } = await doctor(pairInventory())
    expect(found(seen)).toEqual([])
    expect(seen.verdict).toBe('pass')
    expect(result.status).toBe(0)
    expect(Object.keys(seen.hosts)).toEqual(PAIR)
    expect(await hostSays(ONE, 'ls -d /var/lib/gw /etc/nginx 2>/dev/null || :')).toBe('')
  })

  it('are told apart from one that cannot be reached, and from one on which nobody becomes root', async () => {
    await until(OTHER, 'mv /etc/sudoers.d/gw /root/sudoers-gw', 'mv /root/sudoers-gw /etc/sudoers.d/gw')
    const inventory = pairInventory({ hosts: { [ONE]: { connection: { port: 1 } } } })
    const { result, seen } = await doctor(inventory)
    expect(result.status).toBe(4)
    expect(result.json().hosts).toMatchObject({
      [ONE]: { outcome: 'unreachable', error: { code: 'CONNECTION_REFUSED' } },
      [OTHER]: { outcome: 'failed', error: { code: 'BECOME_REFUSED' } },
    })
    expect(Object.values(seen.hosts).map((checks) => Object.keys(checks))).toEqual([['login'], ['login']])
    const shown = await gw(['doctor', inventory, '--limit', OTHER])
    expect(shown.status).toBe(5)
    expect(shown.stdout).toMatch(/^customer-3 +FAIL$/m)
    expect(shown.stderr).toContain('could not become root by sudo')
  })
})

describe('a fault of a host', () => {
  it('is found by the check for it, and by no other', async () => {
    await running(
      ONE,
      `use IO::Socket; my $s = IO::Socket::INET->new(LocalPort => 443, Listen => 1) or die; sleep 100;`,
      'ss -Hltn | grep -q :443',
    )
    await until(OTHER, 'mount -t tmpfs -o size=4m none /var/backups', 'umount /var/backups')
    await until(
      ONE,
      'printf "%s\\n" "#!/bin/sh" "exec /usr/bin/date --date=\'8 seconds\' \\"\\$@\\"" >/usr/local/bin/date && chmod 755 /usr/local/bin/date',
      'rm /usr/local/bin/date',
    )
    const config = '/etc/ssh/sshd_config.d/0-gw-test.conf'
    await until(
      OTHER,
      `echo 'AllowTcpForwarding no' >${config}; systemctl reload ssh`,
      `rm ${config}; systemctl reload ssh`,
    )
    await running(
      OTHER,
      `open F, '>>', '/var/lib/dpkg/lock-frontend'; my $whole = pack('s s x4 q q i x4', 1, 0, 0, 0, 0); fcntl(F, 6, $whole) or die; sleep 100;`,
      'grep -q ":$(stat -c %i /var/lib/dpkg/lock-frontend) " /proc/locks',
    )

    const { result, seen } = await doctor(pairInventory())

    expect(found(seen)).toEqual([
      expect.stringMatching(/^mon-1 clock: its clock is (7\.9|8\.[0-3]) s ahead of most others$/),
      'mon-1 ports: port 443 is taken by perl on 0.0.0.0',
      expect.stringMatching(/^customer-3 packages: perl \(process \d+\) has the lock of dpkg; /),
      'customer-3 disk: 4 MB are free in /var/backups, and 50 MB are needed',
      expect.stringMatching(/^customer-3 forwarding: its sshd forwards no TCP connections, /),
    ])
    expect(result.status).toBe(5)
  })

  it('in the name of an interface names the right one, and is no matter of the network', async () => {
    const { result, seen } = await doctor(pairInventory({ vip: { interface: 'eth9' } }))
    const message = 'it has no interface eth9, which is to carry the virtual IP; it has lo, eth0'
    expect(found(seen)).toEqual(PAIR.map((host) => `${host} interface: ${message}`))
    expect(seen.hosts[ONE]?.['interface']?.findings[0]?.help).toContain(
      `\`gateway.vip.interface: eth0\` in the inventory: that one has ${address(ONE)}`,
    )
    expect(seen.network['vrrp']?.verdict).toBe('inconclusive')
    expect(result.status).toBe(5)
  })
})

describe('the network between gateways', () => {
  it.each([
    ['multicast', false],
    ['unicast', true],
  ])('is told by direction when a firewall drops protocol 112: %s', async (way, unicast) => {
    await dropping(OTHER, 'input', 'ip protocol 112')
    const { result, seen } = await doctor(pairInventory({ vip: { unicast } }))
    expect(found(seen)).toEqual([
      `network vrrp: customer-3 does not hear mon-1 by VRRP (protocol 112, ${way})`,
    ])
    expect(seen.network['vrrp']?.findings[0]?.help).toContain(
      `On customer-3: accept protocol 112 from ${address(ONE)} in its firewall`,
    )
    expect(result.status).toBe(5)
  })

  it('is known for one that carries no multicast, where unicast helps', async () => {
    for (const host of PAIR) await dropping(host, 'input', 'ip daddr 224.0.0.18')
    const { seen } = await doctor(pairInventory())
    expect(found(seen)).toEqual([
      'network vrrp: the network between the gateways carries no multicast, so each would take the virtual IP',
    ])
    expect(seen.network['vrrp']?.findings[0]?.help).toContain('`gateway.vip.unicast: true`')
  })

  it('is told by the gateway that lets nothing out', async () => {
    await dropping(ONE, 'output', 'ip protocol 112')
    const { seen } = await doctor(pairInventory())
    expect(found(seen)).toEqual([
      'network vrrp: mon-1 itself lets no VRRP (protocol 112) out: Operation not permitted',
    ])
  })
})

describe('a pair that serves', () => {
  let inventory: string

  beforeAll(async () => {
    // A busy machine that is late with the lab's quick adverts moves the address, whoever looks.
    inventory = variantInventory({ gateway: { vip: { advert_interval: '500ms' } } })
    const { status, stdout } = await gw(['deploy', inventory, '--json'])
    expect(status, stdout).toBe(0)
  })

  it('is fit, and does not notice that it was looked at', async () => {
    const { holder } = await settledPair()
    const cursors = await Promise.all(GATEWAYS.map(cursorOf))

    const { result, seen } = await doctor(inventory)

    expect(found(seen)).toEqual([])
    expect(result.status, result.stdout).toBe(0)
    await expectStays(holder)
    const journals = await Promise.all(GATEWAYS.map((host, at) => journalOf(host, cursors[at] ?? '')))
    const lines = journals.flatMap((journal) => journal.split('\n'))
    expect(lines.filter((line) => /Keepalived|gw-vrrp|nginx/.test(line))).toEqual([])
  })

  it('is heard as a stranger by others who want its virtual router', async () => {
    const { holder } = await settledPair()
    const { result, seen } = await doctor(pairInventory({ vip: { virtual_router_id: 51 } }))
    expect(found(seen)).toEqual([
      `network vrrp: ${address(holder)}, which is no gateway of this environment, speaks as virtual router 51, too`,
    ])
    expect(result.status).toBe(5)
  })
})
