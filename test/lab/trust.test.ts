import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { runLocally } from '../../src/lab/local.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()

let knownHosts: string
let inventory: string

beforeEach(() => {
  knownHosts = join(lab.stateDir, `trust-${randomUUID().slice(0, 8)}`)
  inventory = variantInventory({ connection: { known_hosts: knownHosts } })
})

/** The fingerprint as the host itself shows it. */
async function fingerprintOf(host: string): Promise<string> {
  const shown = await hostSays(host, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key')
  return shown.split(' ')[1] ?? ''
}

describe('gw trust', () => {
  it('records the keys that hosts show, in a file of its own user’s, and gw logs in by them', async () => {
    const unknown = await gw(['exec', inventory, 'gateways', '--json', '--', 'true'])
    expectFailure(unknown, { code: 'HOST_KEY_UNKNOWN', status: 4 })
    const result = await gw(['trust', inventory, '--limit', 'gateways', '--yes'])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    for (const host of ['gw-1', 'gw-2']) {
      expect(result.stdout).toMatch(new RegExp(`^recorded +${host} .*ssh-ed25519`, 'm'))
      expect(result.stdout).toContain(await fingerprintOf(host))
    }
    expect(statSync(knownHosts).mode & 0o777).toBe(0o600)
    expect((await gw(['exec', inventory, 'gateways', '--', 'true'])).status).toBe(0)
    const customer = await gw(['exec', inventory, 'customer-1', '--json', '--', 'true'])
    expectFailure(customer, { code: 'HOST_KEY_UNKNOWN', status: 4, host: 'customer-1' })
  })

  it('changes nothing the second time', async () => {
    expect((await gw(['trust', inventory, '--yes'])).status).toBe(0)
    const recorded = readFileSync(knownHosts, 'utf8')
    const again = await gw(['trust', inventory, '--json'])
    expect(again.status).toBe(0)
    const keys = again.json()['keys'] as readonly { readonly state: string }[]
    expect(keys.map(({ state }) => state)).toEqual(Object.keys(lab.addresses).map(() => 'known'))
    expect(readFileSync(knownHosts, 'utf8')).toBe(recorded)
  })

  it('never replaces a key that changed, shows both, and records the others', async () => {
    const path = join(lab.stateDir, `key-${randomUUID().slice(0, 8)}`)
    await runLocally(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path])
    const other = readFileSync(`${path}.pub`, 'utf8').trim()
    const line = `${lab.addresses['gw-1'] ?? ''} ${other}\n`
    writeFileSync(knownHosts, line)
    const result = await gw(['trust', inventory, '--limit', 'gateways', '--yes'])
    expect(result.status).toBe(4)
    expect(result.stdout).toMatch(/^CHANGED +gw-1 /m)
    expect(result.stdout).toMatch(/^recorded +gw-2 /m)
    expect(result.stderr).toContain('Error HOST_KEY_CHANGED gw-1: ')
    expect(result.stderr).toContain('ssh-keygen -R')
    expect(result.stdout + result.stderr).toContain(await fingerprintOf('gw-1'))
    const lines = readFileSync(knownHosts, 'utf8').split('\n')
    expect(lines.filter((each) => each.startsWith(`${lab.addresses['gw-1'] ?? ''} `))).toEqual([line.trim()])
    expect(lines.filter((each) => each.startsWith(`${lab.addresses['gw-2'] ?? ''} `))).toHaveLength(1)
    const refused = await gw(['exec', inventory, 'gw-1', '--json', '--', 'true'])
    expectFailure(refused, { code: 'HOST_KEY_CHANGED', status: 4, host: 'gw-1' })
  })

  it('records nothing where there is nobody to ask', async () => {
    const result = await gw(['trust', inventory], { input: 'y\n' })
    expect(result.status).toBe(2)
    expect(result.stderr).toContain('Error QUESTION_WITHOUT_TERMINAL')
    expect(result.stderr).toContain('--yes')
    const json = await gw(['trust', inventory, '--json'])
    expect(json.json()).toMatchObject({ exitCode: 2, error: { code: 'QUESTION_WITHOUT_TERMINAL' }, keys: [] })
    expect(existsSync(knownHosts)).toBe(false)
  })
})
