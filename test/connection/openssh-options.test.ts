import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../../src/connection/failures.js'
import { asArguments, masterSettings } from '../../src/connection/openssh-options.js'
import { GwError } from '../../src/errors.js'
import type { Endpoint } from '../../src/model/host.js'
import { anyCharacter } from '../any-character.js'

function peer(changes: Partial<Endpoint>): Peer {
  const endpoint: Endpoint = {
    address: '198.18.0.11',
    port: 22,
    user: 'gw',
    identityFiles: [],
    agent: null,
    knownHosts: [],
    ...changes,
  }
  return { host: 'gw-1', environment: 'lab', endpoint, isJump: false }
}

/** What ssh itself makes of the settings, by lower-case name. */
function effective(changes: Partial<Endpoint>): Map<string, string[]> {
  const at = peer(changes)
  const args = ['-F', 'none', ...asArguments(masterSettings(at, 10_000)), '-G', '--', at.endpoint.address]
  const values = new Map<string, string[]>()
  for (const line of execFileSync('ssh', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    .toString()
    .split('\n')) {
    const [name = '', ...words] = line.split(' ')
    values.set(name, [...(values.get(name) ?? []), words.join(' ')])
  }
  return values
}

describe('the settings for ssh', () => {
  it('name what the inventory names, and nothing else', () => {
    const values = effective({ identityFiles: ['/a b/id'], agent: null, knownHosts: ['/c d/one', '/two'] })
    expect(values.get('identityfile')).toEqual(['/a b/id'])
    expect(values.get('identitiesonly')).toEqual(['yes'])
    expect(values.get('stricthostkeychecking')).toEqual(['true'])
    expect(values.get('batchmode')).toEqual(['yes'])
    expect(values.get('forwardagent')).toEqual(['no'])
    expect(values.get('userknownhostsfile')?.join('')).toContain('/c d/one')
  })

  it('leave the keys to ssh_config when the inventory names none', () => {
    const values = effective({})
    expect(values.get('identitiesonly')).toEqual(['no'])
    expect(values.get('identityfile')?.length).toBeGreaterThan(1)
  })

  const values = fc.oneof(
    fc.string(),
    fc.string({ unit: anyCharacter }),
    fc.constantFrom(
      '-oProxyCommand=touch /tmp/x',
      'a b',
      '$(id)',
      '`id`',
      'x\nProxyCommand id',
      'a;b',
      '%h',
      '"',
    ),
  )

  it('refuse an address or a user that ssh or a shell could take for anything else', () => {
    fc.assert(
      fc.property(values, fc.constantFrom('address' as const, 'user' as const), (value, field) => {
        const settings = attempt({ [field]: value })
        if (settings !== null) expect(value).toMatch(/^[A-Za-z0-9_:][A-Za-z0-9._:%@$-]*$/)
      }),
      { numRuns: 500 },
    )
    for (const value of ['-oProxyCommand=id', '', 'a b', '$(id)', 'a\nb', 'a;b']) {
      expect([attempt({ address: value }), attempt({ user: value })]).toEqual([null, null])
    }
  })

  it('carry a path unchanged or refuse it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{1,30}$/), (name) => {
        const settings = attempt({ identityFiles: [`/${name}`] })
        const carried = settings?.find((each) => each.startsWith('IdentityFile='))
        if (carried === undefined) expect(name).toMatch(/["\\]|\$\{/)
        else expect(carried).toBe(`IdentityFile="/${name.replaceAll('%', '%%')}"`)
      }),
    )
    expect(effective({ identityFiles: [`/it's 100%% #1`] }).get('identityfile')).toEqual([`/it's 100%%%% #1`])
  })
})

/** The settings, or null when the values were refused. */
function attempt(changes: Partial<Endpoint>): string[] | null {
  try {
    return masterSettings(peer(changes), 10_000)
  } catch (error) {
    if (error instanceof GwError && error.code === 'VALUE_REFUSED') return null
    throw error
  }
}
