import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw, variantInventory, type GwResult } from './fixtures/gw.js'
import { currentReleases, writtenState } from './fixtures/host-state.js'
import { hostSays } from './fixtures/host.js'

/** What becomes of edits that somebody made by hand on a gateway. */

const HOST = 'gw-2'
const POOL = '/etc/nginx/gw/pools/admin.conf'
const KEY = '/etc/nginx/gw/tls/rsa.key'

let inventory: string

async function deploy(...flags: string[]): Promise<GwResult> {
  const result = await gw(['deploy', inventory, ...flags])
  expect(result, result.stderr).toMatchObject({ status: 0 })
  return result
}

beforeAll(async () => {
  inventory = variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': 21 } } } } })
  await deploy('--overwrite')
})

afterEach(() => deploy('--overwrite'))

describe('an edit by hand', () => {
  it.each([
    [
      'in place',
      `sed -i --follow-symlinks 's/keepalive 32;/keepalive 33;/' ${POOL}`,
      'nginx/gw/pools/admin.conf has another content',
      ['-    keepalive 32;', '+    keepalive 33;'],
      'release/nginx/gw/pools/admin.conf',
    ],
    [
      'that puts a file in place of the link, as sed -i does',
      `sed -i 's/^worker_processes .*/worker_processes 2;/' /etc/nginx/nginx.conf`,
      '/etc/nginx/nginx.conf is a file in place of the link to nginx/nginx.conf',
      ['-worker_processes auto;', '+worker_processes 2;'],
      'etc/nginx/nginx.conf',
    ],
    [
      "of a key's mode",
      `chmod 640 ${KEY}`,
      'nginx/gw/tls/rsa.key mode 0600 -> 0640',
      [],
      'release/nginx/gw/tls/rsa.key',
    ],
  ])('%s stops a deploy, which writes nothing, or is put aside', async (_how, edit, reason, hunk, kept) => {
    await hostSays(HOST, edit)
    const before = await writtenState()

    const stopped = await gw(['deploy', inventory])
    const told = expectFailure(await gw(['deploy', inventory, '--json']), {
      code: 'DRIFT_FOUND',
      status: 3,
      host: HOST,
    })

    expect(stopped.status).toBe(3)
    expect(stopped.stderr).toContain(`DRIFT_FOUND ${HOST}`)
    for (const line of hunk) expect(stopped.stdout.split('\n').map((shown) => shown.trim())).toContain(line)
    expect(told.error?.message).toContain(reason)
    expect(await writtenState()).toEqual(before)

    const edited = await hostSays(HOST, 'cat /etc/nginx/nginx.conf; cat /etc/nginx/gw/pools/admin.conf')
    await deploy('--overwrite')
    const folder = (await hostSays(HOST, 'ls -d /var/backups/gw/*-overwritten | tail -n 1')).trim()
    expect(folder).toMatch(/\/\d{8}T\d{6}Z-overwritten$/)
    expect(edited).toContain(kept.endsWith('.key') ? '' : await hostSays(HOST, `cat ${folder}/${kept}`))
    expect(await hostSays(HOST, `cat ${POOL} /etc/nginx/nginx.conf`)).not.toMatch(
      /keepalive 33|worker_processes 2/,
    )
    expect(await hostSays(HOST, `stat -L -c %a ${KEY}; readlink /etc/nginx/nginx.conf`)).toBe(
      '600\n/var/lib/gw/current/nginx/nginx.conf\n',
    )
    expect(await hostSays(HOST, `stat -c '%a %U' /var/backups/gw/*-overwritten`)).toMatch(/^(700 root\n)+$/)
  })

  it('becomes a release that can be gone back to', async () => {
    await hostSays(HOST, `sed -i 's/keepalive 32;/keepalive 34;/' ${POOL}`)

    const { stderr } = await deploy('--adopt')

    const adopted = /Keep what was changed by hand as (v[\d.]+) \.\.\./.exec(stderr)?.[1] ?? ''
    const shows = () => hostSays(HOST, `grep -o 'keepalive [0-9]*' ${POOL}`)
    expect(await currentReleases()).not.toContain(adopted)
    expect(await shows()).toBe('keepalive 32\n')
    const back = await gw(['rollback', inventory, '--to', adopted])
    expect(back, back.stderr).toMatchObject({ status: 0 })
    expect(await currentReleases()).toEqual([adopted, adopted])
    expect(await shows()).toBe('keepalive 34\n')
  })
})
