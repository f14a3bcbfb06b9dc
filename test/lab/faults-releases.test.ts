import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { currentReleases, writtenState } from './fixtures/host-state.js'
import { hostSays, onHost } from './fixtures/host.js'

/** Releases that are damaged, that nobody made, and names that are none. */

const HOST = 'gw-2'

let inventory: string
let old: string

function weight(value: number): string {
  return variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': value } } } } })
}

beforeAll(async () => {
  expect(await gw(['deploy', weight(22), '--overwrite'])).toMatchObject({ status: 0 })
  old = (await currentReleases())[0] ?? ''
  inventory = weight(23)
  expect(await gw(['deploy', inventory])).toMatchObject({ status: 0 })
})

describe('a release that was damaged', () => {
  it.each([
    [
      'by a flipped byte',
      'nginx/gw/pools/admin.conf',
      (file: string) => `printf X | dd of=${file} bs=1 seek=3 conv=notrunc status=none`,
      /nginx\/gw\/pools\/admin\.conf has another content/,
    ],
    [
      'by a certificate that is gone',
      'nginx/gw/tls/rsa.crt',
      (file: string) => `rm ${file}`,
      /nginx\/gw\/tls\/rsa\.crt is gone/,
    ],
    [
      'by the lack of a module',
      'nginx/nginx.conf',
      (file: string) => `sed -i '1i load_module /usr/lib/nginx/modules/gone.so;' ${file}`,
      /loads \/usr\/lib\/nginx\/modules\/gone\.so, which is not there/,
    ],
  ])('%s is refused before any host is touched', async (_how, path, damage, reason) => {
    const file = `/var/lib/gw/releases/${old}/${path}`
    await hostSays(HOST, `cp -a ${file} /root/gw-test-kept && ${damage(file)}`)
    onTestFinished(async () => {
      await hostSays(HOST, `mv /root/gw-test-kept ${file}`)
    })
    const before = await writtenState()

    const result = await gw(['rollback', inventory, '--to', old, '--json'])

    const { error } = expectFailure(result, { code: 'RELEASE_NOT_STARTABLE', status: 3, host: HOST })
    expect(error?.message).toMatch(reason)
    expect(await writtenState()).toEqual(before)
  })
})

describe('a name of a release that is none', () => {
  const names = [
    '../x',
    '-x',
    'v1.2/../../etc',
    '$(touch /tmp/gw-test-x)',
    'v\u0661.\u0662',
    `v1.${'2'.repeat(4096)}`,
  ]

  it.each([
    ['deploy', (name: string, nobody: string) => ['deploy', nobody, '--json', `--release=${name}`]],
    ['rollback', (name: string, nobody: string) => ['rollback', nobody, '--json', `--to=${name}`]],
    [
      'releases diff',
      (name: string, nobody: string) => ['releases', 'diff', '--json', '--', name, 'v1.0', nobody],
    ],
  ])('is refused by gw %s before any host is contacted', async (_command, words) => {
    const nobody = variantInventory({ connection: { port: 1 } })
    for (const name of names) {
      const result = await gw(words(name, nobody))
      expect(result.json().error, JSON.stringify(name)).toMatchObject({ code: 'USAGE' })
      expect(result.status).toBe(2)
    }
  })
})

describe('folders that nobody of gw made among the releases', () => {
  const FOREIGN = ['$(touch gw-test-x)', '-rf', '..x', 'v1.2.3.4', 'v9.9 x', "v9.9'", 'v9.9\n']
  const words = FOREIGN.map((name) => `'${name.replaceAll("'", `'\\''`)}'`).join(' ')
  const at = 'cd /var/lib/gw/releases &&'

  beforeAll(() =>
    hostSays(HOST, `${at} mkdir -- ${words} && ln -s /etc v8.8 && echo a file >v7.7 && ls -A | cksum`),
  )
  afterAll(() => hostSays(HOST, `${at} rm -rf -- ${words} && rm v8.8 v7.7`))

  it('harm nothing, and stay', async () => {
    const listed = await gw(['releases', inventory, '--json'])
    const releases = listed.json()['releases'] as readonly { release: string }[]
    expect(listed.status).toBe(0)
    expect(releases.map(({ release }) => release)).not.toContain('v8.8')
    expect(releases.every(({ release }) => /^v\d+\.\d+$/.test(release))).toBe(true)
    const shown = await gw(['status', inventory])
    expect(shown.stdout).toMatch(/^whole on v/m)

    const next = weight(24)
    expect(await gw(['deploy', next])).toMatchObject({ status: 0 })
    expect(await gw(['rollback', next])).toMatchObject({ status: 0 })

    expect((await onHost(HOST, `${at} ls -d -- ${words} v8.8 v7.7`)).status).toBe(0)
    const touched = await hostSays(HOST, 'find / -xdev -name gw-test-x -not -path "/proc/*" 2>/dev/null')
    expect(touched).toBe('')
  })

  it('are no releases to go back to', async () => {
    const result = await gw(['rollback', inventory, '--to', 'v8.8', '--json'])
    expectFailure(result, { code: 'RELEASE_UNKNOWN', status: 2 })
  })
})
