import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runLocally } from '../../src/lab/local.js'
import { expectFailure, outputOf } from './fixtures/failure.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()
/** How long a host may take to write down what has happened. */
const SOON = { timeout: 10_000 }

function addressOf(host: string): string {
  return lab.addresses[host] ?? ''
}

/** What configuration and packages a host has, as one line. */
function stateOf(host: string): Promise<string> {
  return hostSays(host, 'ls -lR --full-time /etc /var/lib/dpkg/info /var/lib/gw /srv 2>/dev/null | sha256sum')
}

async function newKey(): Promise<string> {
  const path = join(lab.stateDir, `key-${randomUUID().slice(0, 8)}`)
  await runLocally(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path])
  return path
}

/** known_hosts of the lab with another key for one host, or none. */
function knownHostsWith(host: string, key: string | null): string {
  const path = join(lab.stateDir, `known-hosts-${randomUUID().slice(0, 8)}`)
  const others = readFileSync(lab.knownHosts, 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[0] !== addressOf(host))
  writeFileSync(path, [...others, ...(key === null ? [] : [`${addressOf(host)} ${key}`]), ''].join('\n'))
  return path
}

describe.each([
  { what: 'a closed port', code: 'CONNECTION_REFUSED', connection: { port: 1 } },
  {
    what: 'an address that swallows every packet',
    code: 'DEADLINE_PASSED',
    connection: { connect_timeout: '500ms' },
    address: addressOf('mon-1'),
  },
  {
    what: 'a name without an address',
    code: 'NAME_NOT_RESOLVED',
    connection: {},
    address: 'no-such-host.invalid',
  },
] as const)('a host with $what', ({ code, connection, ...more }) => {
  // mon-1 has no way back to us, as behind a firewall that drops.
  const wayBack = `blackhole ${lab.prefix}.1/32`
  beforeAll(() => hostSays('mon-1', `ip route add ${wayBack}`))
  afterAll(() => hostSays('mon-1', `ip route del ${wayBack}`))
  const changed = (host: string) => ({
    hosts: { [host]: { address: 'address' in more ? more.address : addressOf(host), connection } },
  })

  test('does not keep the others from running a command', async () => {
    const inventory = variantInventory(changed('customer-2'))
    const result = await gw(['exec', inventory, 'customer', '--json', '--', 'hostname'])
    const envelope = expectFailure(result, { code, status: 4, host: 'customer-2' })
    expect(envelope.hosts).toMatchObject({
      'customer-1': { outcome: 'changed' },
      'customer-2': { outcome: 'unreachable' },
      'customer-3': { outcome: 'changed' },
    })
    for (const host of ['customer-1', 'customer-3']) {
      expect(outputOf(envelope, host)).toEqual({ status: 0, stdout: `${host}\n`, stderr: '' })
    }
  })

  test('does not keep the others from being planned', async () => {
    const inventory = variantInventory(changed('gw-2'))
    const envelope = expectFailure(await gw(['plan', inventory, '--json']), { code, status: 4, host: 'gw-2' })
    expect(envelope.hosts['gw-2']).toMatchObject({ outcome: 'unreachable', changes: [] })
    expect(envelope.hosts['gw-1']?.outcome).toMatch(/^(?:ok|changed)$/)
  })

  test('keeps a deploy from changing any of them', async () => {
    const inventory = variantInventory({ ...changed('gw-2'), gateway: { domain: 'other.lab.example' } })
    const before = await stateOf('gw-1')
    const envelope = expectFailure(await gw(['deploy', inventory, '--yes', '--json']), {
      code,
      status: 4,
      host: 'gw-2',
    })
    expect(envelope.hosts['gw-1']).toEqual({ outcome: 'skipped', changes: [] })
    expect(await stateOf('gw-1')).toBe(before)
  })
})

describe('a host that does not know the key', () => {
  test('is told from one that cannot be reached, and the others run their command', async () => {
    const identity_file = await newKey()
    const address = addressOf('customer-2')
    const inventory = variantInventory({
      hosts: { 'customer-2': { address, connection: { identity_file } } },
    })
    const cursor = await cursorOf('customer-2')
    const result = await gw(['exec', inventory, 'customer-1,customer-2', '--json', '--', 'hostname'])
    const envelope = expectFailure(result, { code: 'AUTHENTICATION_FAILED', status: 4, host: 'customer-2' })
    expect(envelope.error?.message).toContain(identity_file)
    expect(outputOf(envelope, 'customer-1').stdout).toBe('customer-1\n')
    // The same words that the next cases must not find.
    await vi.waitFor(async () => {
      expect(await journalOf('customer-2', cursor)).toContain('authenticating user gw')
    }, SOON)
  })

  test('gets a clear answer when the key is not there at all', async () => {
    const inventory = variantInventory({ connection: { identity_file: '/nonexistent/key' } })
    const result = await gw(['exec', inventory, 'customer-2', '--json', '--', 'hostname'])
    const envelope = expectFailure(result, { code: 'AUTHENTICATION_FAILED', status: 4, host: 'customer-2' })
    expect(envelope.error?.message).toContain('/nonexistent/key')
  })
})

describe.each([
  { what: 'not known', code: 'HOST_KEY_UNKNOWN', next: 'gw trust', key: () => Promise.resolve(null) },
  {
    what: 'another than the known one',
    code: 'HOST_KEY_CHANGED',
    next: 'ssh-keygen -R',
    key: async () => readFileSync(`${await newKey()}.pub`, 'utf8').trim(),
  },
] as const)('a host whose key is $what', ({ code, next, key }) => {
  test('is refused before anything is sent to it, and the others run their command', async () => {
    const known_hosts = knownHostsWith('customer-2', await key())
    const inventory = variantInventory({ connection: { known_hosts } })
    const cursor = await cursorOf('customer-2')
    const result = await gw(['exec', inventory, 'customer-1,customer-2', '--json', '--', 'hostname'])
    const envelope = expectFailure(result, { code, status: 4, host: 'customer-2' })
    expect(envelope.error?.nextSteps.join('\n')).toContain(next)
    expect(outputOf(envelope, 'customer-1').stdout).toBe('customer-1\n')
    await vi.waitFor(async () => {
      expect(await journalOf('customer-2', cursor)).toMatch(
        /Disconnected from|Connection (?:closed|reset) by/,
      )
    }, SOON)
    expect(await journalOf('customer-2', cursor)).not.toMatch(/authenticating|Accepted|Failed|publickey/)
  })

  test('keeps a deploy from changing anything, with the place where the key was expected', async () => {
    const inventory = variantInventory({ connection: { known_hosts: knownHostsWith('gw-2', await key()) } })
    const before = await stateOf('gw-1')
    const result = await gw(['deploy', inventory, '--yes'])
    expect(result.status).toBe(4)
    expect(result.stderr).toContain(`Error ${code} gw-2: `)
    expect(await stateOf('gw-1')).toBe(before)
  })
})
