import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import {
  layLock,
  layReleases,
  layTrial,
  putStateAside,
  restoreState,
  type StoredRelease,
} from './fixtures/stored-release.js'

const GATEWAYS = ['gw-1', 'gw-2']
const V1: StoredRelease = { name: 'v1.1', files: { 'nginx/nginx.conf': 'one\n' } }
const V2: StoredRelease = { name: 'v1.2', files: { 'nginx/nginx.conf': 'two\n' } }
const HOLDER = {
  by: 'alice@laptop',
  command: 'gw deploy production',
  since: '2026-11-21T02:00:00Z',
  release: 'v1.2',
  before: 'v1.1',
  hosts: GATEWAYS,
}

const { inventory } = ownLab()
const onEach = (work: (host: string) => Promise<void>) => Promise.all(GATEWAYS.map(work))

beforeAll(() => onEach(putStateAside))
afterAll(() => onEach(restoreState))

beforeEach(() => onEach((host) => layReleases(host, [V1, V2], { current: 'v1.2', previous: 'v1.1' })))

/** The table's cells and what stands below it, as a pipe gets them. */
async function status(): Promise<{ rows: string[][]; words: string }> {
  const { status: code, stdout } = await gw(['status', inventory])
  expect(code).toBe(0)
  const [table = '', ...words] = stdout.trimEnd().split('\n\n')
  return { rows: table.split('\n').map((row) => row.split(/ {2,}/)), words: words.join('\n\n') }
}

describe('gw status', () => {
  it('says that nothing was published on hosts that gw keeps nothing on', async () => {
    await onEach(async (host) => {
      await hostSays(host, 'rm -rf /var/lib/gw')
    })
    const { rows, words } = await status()
    expect(rows.slice(1).map((row) => row.slice(0, 2))).toEqual([
      ['gw-1', 'none'],
      ['gw-2', 'none'],
    ])
    expect(words).toContain('no release was published yet')
    expect(words).toContain(`gw deploy ${inventory} publishes`)
  })

  it('says that a fleet is whole on a release, since when, and from which it came', async () => {
    await hostSays('gw-2', 'echo three >/var/lib/gw/releases/v1.2/nginx/nginx.conf')
    const { rows, words } = await status()
    expect(rows[1]?.slice(0, 4)).toEqual(['gw-1', 'v1.2', '2026-11-21 02:00:00', 'v1.1'])
    expect(rows[2]?.at(-1)).toBe('1 file changed by hand')
    expect(words).toBe('whole on v1.2')
  })

  it('says which run did not end, what its hosts have now, and what to type next', async () => {
    await layReleases('gw-2', [V1, V2], { current: 'v1.1' })
    await layTrial('gw-1', 'v1.2', 'v1.1')
    await onEach((host) => layLock(host, HOLDER, -1))
    const { words } = await status()
    expect(words.split('\n')).toEqual([
      'run 3fa9c210 (gw deploy production by alice@laptop) did not end; left on gw-1, gw-2; not confirmed: v1.2 on gw-1',
      'mixed: v1.2 on gw-1; v1.1 on gw-2',
      '',
      'Next:',
      `  gw resume ${inventory} brings it to its end.`,
      `  gw abort ${inventory} takes every host back to what it had before.`,
    ])
    const { fleet } = (await gw(['status', inventory, '--json'])).json()
    expect(fleet).toMatchObject({
      state: 'unfinished',
      release: null,
      runs: [{ run: '3fa9c210', alive: false, hosts: GATEWAYS }],
      gateways: {
        'gw-1': {
          release: 'v1.2',
          trial: { run: '3fa9c210', before: 'v1.1' },
          lock: { release: 'v1.2', token: 4 },
        },
        'gw-2': { release: 'v1.1', previous: null, trial: null },
      },
    })
  })

  it('tells a run at work from one that did not end, and is not fooled by what a host calls it', async () => {
    const by = 'eve\u001b[2J\u202e\nroot'
    await layLock('gw-1', { ...HOLDER, by }, 600)
    const { rows, words } = await status()
    expect(rows[1]?.at(-1)).toMatch(/^run 3fa9c210, \d+ (s|min) left$/)
    expect(words).toContain('by eve\\u202e\\x0aroot) is at work on gw-1')
    expect(words).toContain(`gw lock status ${inventory}`)
  })

  it('shows the hosts that answer when one does not', async () => {
    const variant = variantInventory({ hosts: { 'gw-2': { connection: { port: 1 } } } })
    const shown = await gw(['status', variant])
    expect(shown.status).toBe(4)
    expect(shown.stdout).toMatch(/^gw-1 +v1\.2 /m)
    expect(shown.stdout).toMatch(/^gw-2 +not known$/m)
    expect(shown.stdout).toContain('v1.2 on gw-1\nnot known: gw-2')
    const failure = { code: 'CONNECTION_REFUSED', status: 4, host: 'gw-2' } as const
    const { fleet } = expectFailure(await gw(['status', variant, '--json']), failure)
    expect(fleet).toMatchObject({ state: 'unknown', release: null, unreachable: ['gw-2'] })
  })
})
