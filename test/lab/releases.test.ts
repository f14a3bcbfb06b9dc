import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { layReleases, putStateAside, restoreState, type StoredRelease } from './fixtures/stored-release.js'

const GATEWAYS = ['gw-1', 'gw-2']
const SECRET = 'sentinel-of-a-key'

/** The release of a host: its keepalived.conf is its own, the rest is the same everywhere. */
function release(name: string, priority: number, more: Partial<StoredRelease> = {}): StoredRelease {
  const files = {
    'nginx/nginx.conf': `# ${name === 'v1.1' ? 'old' : 'new'}\nevents {}\n`,
    'nginx/gw/release.conf': `default ${name};\n`,
    'nginx/gw/tls/site.key': `${SECRET} ${name}\n`,
    'keepalived/keepalived.conf': `priority ${priority}\n`,
  }
  return { name, files, ...more }
}

const { inventory } = ownLab()
const onEach = (work: (host: string) => Promise<void>) => Promise.all(GATEWAYS.map(work))

beforeAll(async () => {
  await onEach(putStateAside)
  const createdAt = '2026-11-22T02:00:00.000Z'
  await layReleases('gw-1', [release('v1.1', 100), release('v1.2', 100, { createdAt })], {
    current: 'v1.2',
    previous: 'v1.1',
  })
  await layReleases(
    'gw-2',
    [
      release('v1.1', 90),
      release('v1.2', 95, { createdAt, confirmed: false }),
      release('v1.3', 90, { by: 'bob@desk' }),
    ],
    { current: 'v1.2', previous: 'v1.1' },
  )
})

afterAll(() => onEach(restoreState))

describe('gw releases', () => {
  it('lists the newest first, and says where one is missing or was not confirmed', async () => {
    const { status, stdout } = await gw(['releases', inventory])
    expect(status).toBe(0)
    const rows = stdout.trimEnd().split('\n')
    expect(rows.slice(1).map((row) => row.split(/ {2,}/))).toEqual([
      ['v1.2', '2026-11-22 02:00:00', 'alice@laptop', 'deploy', 'no', 'current'],
      ['v1.3', '2026-11-21 02:00:00', 'bob@desk', 'deploy', 'yes', 'not on gw-1'],
      ['v1.1', '2026-11-21 02:00:00', 'alice@laptop', 'deploy', 'yes', 'previous'],
    ])
  })

  it('tells what the hosts that answer have when one does not', async () => {
    const variant = variantInventory({ hosts: { 'gw-2': { connection: { port: 1 } } } })
    const failure = { code: 'CONNECTION_REFUSED', status: 4, host: 'gw-2' } as const
    const { releases } = expectFailure(await gw(['releases', variant, '--json']), failure)
    expect(releases).toMatchObject([
      { release: 'v1.2', confirmed: true, current: true, hosts: ['gw-1'] },
      { release: 'v1.1', hosts: ['gw-1'] },
    ])
  })
})

describe('gw releases diff', () => {
  it('shows what hosts share once, each host its own, and of a secret nothing but its name', async () => {
    const { status, stdout, stderr } = await gw(['releases', 'diff', 'v1.1', 'v1.2', inventory])
    expect(status).toBe(0)
    expect(stdout.trimEnd().split('\n')).toEqual([
      'gw-1, gw-2',
      '  ~ nginx/gw/tls/site.key: edited, a secret, not shown',
      '  ~ nginx/nginx.conf: edited',
      '      --- nginx/nginx.conf',
      '      +++ nginx/nginx.conf',
      '      @@ -1,2 +1,2 @@',
      '      -# old',
      '      +# new',
      '       events {}',
      'gw-2',
      '  ~ keepalived/keepalived.conf: edited',
      '      --- keepalived/keepalived.conf',
      '      +++ keepalived/keepalived.conf',
      '      @@ -1,1 +1,1 @@',
      '      -priority 90',
      '      +priority 95',
    ])
    expect(stdout + stderr).not.toContain(SECRET)
  })

  it('shows no difference between a release and itself', async () => {
    const { stdout } = await gw(['releases', 'diff', 'v1.1', 'v1.1', inventory])
    expect(stdout).toBe('gw-1, gw-2\n  no difference\n')
  })

  it('leaves out, with a warning, a host that has only one of them', async () => {
    const { status, stdout, stderr } = await gw(['releases', 'diff', 'v1.1', 'v1.3', inventory])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^gw-2$/m)
    expect(stderr).toContain('gw-1 does not have both v1.1 and v1.3')
  })

  it('refuses a release that no gateway has, and names the nearest', async () => {
    const result = await gw(['releases', 'diff', 'v1.1', 'v1.33', inventory, '--json'])
    const { error } = expectFailure(result, { code: 'RELEASE_UNKNOWN', status: 2 })
    expect(error?.message).toBe('no gateway has the release v1.33; did you mean v1.3?')
  })

  it.each(['../../etc', 'v1.2\n'])('refuses %j before any host is contacted', async (name) => {
    const nobody = variantInventory({ connection: { port: 1 } })
    const result = await gw(['releases', 'diff', '--json', '--', 'v1.1', name, nobody])
    expectFailure(result, { code: 'USAGE', status: 2 })
  })

  it('shows what a host has there now, safe for a terminal', async () => {
    await hostSays('gw-1', `printf 'a\\033[2Jb\\n' >/var/lib/gw/releases/v1.2/nginx/nginx.conf`)
    const { stdout } = await gw(['releases', 'diff', 'v1.1', 'v1.2', inventory, '--limit', 'gw-1'])
    expect(stdout).toContain('+ab')
    expect(stdout).not.toContain('\u001b')
  })
})
