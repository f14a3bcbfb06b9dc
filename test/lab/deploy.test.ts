import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TcpRelay } from '../fakes/tcp-relay.js'
import { gatewayRequest, plainRequest } from './fixtures/client.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { ownLab } from './fixtures/lab.js'

/** The main job, in the order in which an operator does it: the hosts start bare and end as a serving pair. */

const lab = ownLab()
const gateways = ['gw-1', 'gw-2'] as const

/** What a command printed on every host of a pattern, by host. */
async function onHosts(pattern: string, line: string): Promise<Record<string, string>> {
  const result = await gw(['exec', lab.inventory, pattern, '--json', '--', line])
  const { output } = result.json() as unknown as { output: Record<string, { stdout: string }> }
  return Object.fromEntries(Object.entries(output).map(([host, { stdout }]) => [host, stdout.trim()]))
}

async function holders(): Promise<string[]> {
  const answers = await onHosts('gateways', `ip -o addr show | grep -c ' ${lab.virtualIp}/' || true`)
  return gateways.filter((host) => answers[host] === '1')
}

async function fetchThroughVip(path: string): Promise<{ status: number; body: unknown }> {
  const answer = await gatewayRequest({ path, headers: { 'X-Admin-Token': 'token' } })
  return { status: answer.status, body: answer.json() }
}

describe('gw plan on bare hosts', () => {
  it('shows every change with exit code 8 and installs nothing', async () => {
    const result = await gw(['plan', lab.inventory, '--json'])
    expect(result.status).toBe(8)
    const { hosts } = result.json()
    for (const host of gateways) {
      expect(hosts[host]?.changes.map(({ task }) => task)).toEqual(
        expect.arrayContaining([
          'Install NGINX',
          'Install keepalived',
          'Stage v1.0',
          'Lead NGINX to its configuration',
          'Publish v1.0',
          'Run NGINX',
          'Run keepalived',
        ]),
      )
    }
    expect(await onHosts('gateways', 'command -v nginx keepalived python3 || echo bare')).toEqual({
      'gw-1': 'bare',
      'gw-2': 'bare',
    })
  })
})

describe('gw deploy', () => {
  it('turns bare hosts into a serving gateway pair', async () => {
    const result = await gw(['deploy', lab.inventory])
    expect(result.stderr).toContain('Install NGINX')
    expect(result.status).toBe(0)
    expect(await fetchThroughVip('/health')).toMatchObject({ status: 200, body: { status: 'healthy' } })
    const plain = await plainRequest({ path: '/health' })
    expect([plain.status, plain.header('location')]).toEqual([301, 'https://api.lab.example/health'])
  })

  it('routes each path to its pool through the virtual IP', async () => {
    expect(await fetchThroughVip('/api/v1/admin/users')).toMatchObject({
      status: 200,
      body: { service: 'admin-server', path: '/api/v1/admin/users' },
    })
    expect(await fetchThroughVip('/api/v1/orders')).toMatchObject({
      status: 200,
      body: { service: 'customer-server' },
    })
  })

  it('leaves exactly one holder of the virtual IP, VRRPv3 with nopreempt on both', async () => {
    expect(await holders()).toHaveLength(1)
    const answers = await onHosts(
      'gateways',
      'cat /etc/keepalived/keepalived.conf; keepalived -t && echo tested',
    )
    for (const host of gateways) {
      expect(answers[host]).toMatch(
        /vrrp_version 3[\s\S]*weight 0[\s\S]*state BACKUP[\s\S]*nopreempt[\s\S]*tested/,
      )
    }
  })

  it('changes nothing the second time and says so', async () => {
    const result = await gw(['deploy', lab.inventory])
    expect(result.status).toBe(0)
    expect(result.stdout).toContain('Nothing to change')
    const json = (await gw(['deploy', lab.inventory, '--json'])).json()
    expect(json).toMatchObject({
      ok: true,
      changed: 0,
      hosts: { 'gw-1': { outcome: 'ok' }, 'gw-2': { outcome: 'ok' } },
    })
  })

  it('shows a changed line as a diff of the right file and changes the standby first', async () => {
    const [holder] = await holders()
    const standby = gateways.find((host) => host !== holder)
    const changed = variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': 25 } } } } })
    const plan = (await gw(['plan', changed, '--json'])).json()
    const diff = plan.hosts['gw-1']?.changes.find(({ task }) => task.startsWith('Stage '))?.diff
    expect(diff).toMatch(/^\+\+\+ \/var\/lib\/gw\/current\/nginx\/gw\/pools\/admin\.conf$/m)
    expect(diff).toMatch(/^-.*:3000 weight=50 /m)
    expect(diff).toMatch(/^\+.*:3000 weight=25 /m)
    const result = await gw(['deploy', changed])
    expect(result.status).toBe(0)
    const order = [...result.stderr.matchAll(/^(gw-\d) +\[1\/1\] Publish v/gm)].map((match) => match[1])
    expect(order).toEqual([standby, holder])
    expect(await holders()).toEqual([holder])
    expect((await gw(['deploy', lab.inventory])).status).toBe(0)
  })

  it('reloads a unit whose last reload was lost', async () => {
    // The file is written, but nobody told NGINX: the state that a run leaves when it dies between the two.
    await onHosts('gw-2', 'touch -c /var/lib/gw/current/nginx/gw/pools/admin.conf')
    const { hosts } = (await gw(['deploy', lab.inventory, '--json'])).json()
    expect(hosts['gw-1']?.changes).toEqual([])
    expect(hosts['gw-2']?.changes.map(({ task }) => task)).toEqual(['Run NGINX'])
  })

  it('puts a stopped gateway right, without moving the address back', async () => {
    const [holder] = await holders()
    await onHosts(holder ?? '', 'systemctl stop nginx')
    await expect.poll(holders, { timeout: 10_000 }).toEqual(gateways.filter((host) => host !== holder))
    expect(await fetchThroughVip('/health')).toMatchObject({ status: 200 })
    expect((await gw(['deploy', lab.inventory])).status).toBe(0)
    expect(await onHosts('gateways', 'systemctl is-active nginx')).toEqual({
      'gw-1': 'active',
      'gw-2': 'active',
    })
    expect(await holders()).toEqual(gateways.filter((host) => host !== holder))
  })
})

describe('a host where nothing changes', () => {
  let relay: TcpRelay

  beforeAll(async () => {
    relay = await TcpRelay.start({ host: lab.addresses['gw-1'] ?? '', port: 22 })
  })
  afterAll(() => relay.close())

  it('costs one connection, one channel, at most 10 round trips and 10 KB sent', async () => {
    const through = variantInventory({
      connection: { known_hosts: [relayKnownHosts(relay.port)] },
      hosts: { 'gw-1': { address: '127.0.0.1', connection: { port: relay.port } } },
    })
    const channels = 'journalctl -q -t sudo -o cat | grep -c COMMAND= || true'
    const before = Number((await onHosts('gw-1', channels))['gw-1'])
    // With a long way, what is sent in one go is counted in one go, however the pieces of both sides cross here.
    relay.rules.delayMs = 300
    const result = await gw(['deploy', through, '--limit', 'gw-1', '--json'])
    expect(result.json()).toMatchObject({ changed: 0, hosts: { 'gw-1': { outcome: 'ok' } } })
    expect(relay.counts.connections).toBe(1)
    // A round trip is a change of direction there and back; the last message of all has no answer.
    expect(Math.floor(relay.counts.directionChanges / 2)).toBeLessThanOrEqual(10)
    expect(relay.counts.bytesUp).toBeLessThanOrEqual(10_000)
    // Every channel runs sudo once; the second count is one of its own.
    expect(Number((await onHosts('gw-1', channels))['gw-1']) - before).toBe(2)
  })

  /** gw-1's key under the name that the relay gives it. */
  function relayKnownHosts(port: number): string {
    const lines = readFileSync(lab.knownHosts, 'utf8').split('\n')
    const key = lines
      .find((line) => line.startsWith(lab.addresses['gw-1'] ?? '-'))
      ?.split(' ')
      .slice(1)
      .join(' ')
    const path = join(mkdtempSync(join(tmpdir(), 'gw-relay-')), 'known_hosts')
    writeFileSync(path, `[127.0.0.1]:${port} ${key ?? ''}\n`)
    return path
  }
})
