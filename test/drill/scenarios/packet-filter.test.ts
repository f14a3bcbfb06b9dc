import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ScenarioName } from '../../../src/drill/scenarios/names.js'
import type { Gateway } from '../../../src/model/gateway.js'
import { gatewayWith } from '../../health/gateway.js'
import { disturbanceOn, FakePrograms } from './fake-programs.js'

/** Knows the addresses of the test's gateway, one name with two, and nobody else. */
const GETENT = `case $2 in
  10.0.1.*) echo "$2 STREAM $2"; echo "$2 DGRAM" ;;
  two.example) echo '192.0.2.7 STREAM two.example'; echo '2001:db8::7 STREAM' ;;
  *) exit 2 ;;
esac`

let programs: FakePrograms
beforeEach(() => {
  programs = new FakePrograms({ nft: ':', getent: GETENT, systemctl: ':', ss: 'echo ESTAB' })
})
afterEach(() => {
  programs.remove()
})

/** The words of nftables by which a scenario is made. */
async function tableOf(name: ScenarioName, gateway?: Gateway): Promise<string> {
  const { exitCode, stderr } = await programs.run(disturbanceOn(name, gateway).disturb)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  const [table = ''] = programs.calls.filter((call) => call.startsWith('nft '))
  return table
}

const input = (rules: string) =>
  `nft <table inet gw_drill { chain input { type filter hook input priority raw; policy accept; ${rules} }; }>`

describe('packets that are lost', () => {
  it('are those of VRRP of the peers, and no others', async () => {
    expect(await tableOf('peer-cut')).toBe(input('ip saddr 10.0.1.102 meta l4proto 112 drop;'))
  })

  it('are the answers of the last server of the largest pool', async () => {
    expect(await tableOf('backend-lost')).toBe(input('ip saddr 10.0.1.113 tcp sport 3000 drop;'))
  })

  /** A gateway with pools of as many servers, backup servers last; each server has an address of its own. */
  const withPools = (...sizes: readonly { readonly main: number; readonly backup: number }[]): Gateway => {
    const gateway = gatewayWith({})
    const [pool] = gateway.pools
    const [server] = pool?.servers ?? []
    if (pool === undefined || server === undefined) throw new Error('no servers')
    const pools = sizes.map(({ main, backup }, index) => ({
      ...pool,
      servers: Array.from({ length: main + backup }, (_, number) => ({
        ...server,
        address: `10.0.1.${10 * (index + 1) + number}`,
        backup: number >= main,
      })),
    }))
    return { ...gateway, pools }
  }
  const lost = (...addresses: readonly string[]) =>
    input(addresses.map((address) => `ip saddr ${address} tcp sport 3000 drop;`).join(' '))

  it('are the answers of all servers of the largest pool, of those as well that stand by', async () => {
    const gateway = withPools({ main: 1, backup: 0 }, { main: 2, backup: 1 })
    expect(await tableOf('pool-lost', gateway)).toBe(lost('10.0.1.20', '10.0.1.21', '10.0.1.22'))
  })

  it('are of the pool that has the most servers, and those that stand by do not count', async () => {
    const gateway = withPools({ main: 1, backup: 3 }, { main: 2, backup: 0 })
    expect(await tableOf('pool-lost', gateway)).toBe(lost('10.0.1.20', '10.0.1.21'))
  })

  it('are never those of one that stands by alone', async () => {
    const gateway = withPools({ main: 1, backup: 0 }, { main: 2, backup: 1 })
    expect(await tableOf('backend-lost', gateway)).toBe(lost('10.0.1.21'))
  })

  it('are of every address that a server has', async () => {
    const gateway = withPools({ main: 1, backup: 0 })
    const pools = gateway.pools.map((pool) => ({
      ...pool,
      servers: pool.servers.map((server) => ({ ...server, address: 'two.example' })),
    }))
    expect(await tableOf('pool-lost', { ...gateway, pools })).toBe(
      input('ip saddr 192.0.2.7 tcp sport 3000 drop; ip6 saddr 2001:db8::7 tcp sport 3000 drop;'),
    )
  })

  it('are all but those of SSH by the port of the connection', async () => {
    const table = await tableOf('host-cut')
    expect(table).toContain('hook input priority raw; policy drop; iif lo accept; tcp dport 22 accept;')
    expect(table).toContain('hook output priority raw; policy drop; oif lo accept; tcp sport 22 accept;')
  })

  it('are also what a host that is cut off tells the network of the virtual IP', async () => {
    await tableOf('host-cut')
    const { address, interface: device } = gatewayWith({}).virtualIp
    expect(programs.calls.filter((call) => call.startsWith('nft ')).at(1)).toBe(
      'nft <table netdev gw_drill { chain egress ' +
        `{ type filter hook egress device "${device}" priority filter; arp saddr ip ${address} drop; }; }>`,
    )
  })
})

describe('a host that cannot lose packets', () => {
  const refused = async (name: ScenarioName, gateway?: Gateway) => {
    const { exitCode, stderr } = await programs.run(disturbanceOn(name, gateway).ready)
    expect(exitCode).toBe(1)
    return stderr
  }
  const withPrograms = (changes: Readonly<Record<string, string>>) => {
    programs.remove()
    programs = new FakePrograms({ nft: ':', getent: GETENT, systemctl: ':', ss: 'echo ESTAB', ...changes })
  }

  it('is told before anything is disturbed: the kernel would not take the table', async () => {
    withPrograms({ nft: 'echo "Operation not supported" >&2; exit 1' })
    expect(await refused('backend-lost')).toBe('Operation not supported\n')
    expect(programs.calls.find((call) => call.startsWith('nft'))).toContain('<--check>')
  })

  it('is told: it does not know the address', async () => {
    const gateway = gatewayWith({})
    const virtualIp = { ...gateway.virtualIp, addresses: { 'gw-2': 'unknown.example' } }
    expect(await refused('peer-cut', { ...gateway, virtualIp })).toBe(
      'this host knows no address of unknown.example\n',
    )
  })

  it('is told: there is nobody to lose', async () => {
    expect(await refused('pool-lost', { ...gatewayWith({}), pools: [] })).toBe(
      'the inventory has nobody who could be lost\n',
    )
  })

  it('is told: gw comes by another port, and would be cut off as well', async () => {
    withPrograms({ ss: ':' })
    expect(await refused('host-cut')).toContain('no SSH connection comes in on the port 22 of this host')
  })

  it('is told: keepalived does not run', async () => {
    withPrograms({ systemctl: 'case $* in *keepalived*) exit 3 ;; esac' })
    expect(await refused('peer-cut')).toBe('keepalived.service does not run\n')
  })
})
