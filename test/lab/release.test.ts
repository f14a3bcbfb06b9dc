import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DOMAIN, gatewayRequest } from './fixtures/client.js'
import { expectFailure } from './fixtures/failure.js'
import { deployLab } from './fixtures/gateway.js'
import { gw, variantInventory, type Envelope } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'

/** What a release does to a host: it tells only those who have to know, passes its test first, and shows no key. */

const lab = ownLab()
const HOST = 'gw-2'
const STAGED = '/var/lib/gw/releases/.staged-'
/** The other gateway keeps what it has, whoever has the virtual IP. */
const ALONE = ['--limit', HOST, '--allow-unprotected']

/** An inventory with another weight in the pool admin. */
function weight(value: number): string {
  return variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': value } } } } })
}

/** What a deploy changed, whatever the release's name. */
async function changesOn(inventory: string): Promise<string[]> {
  const { hosts } = (await gw(['deploy', inventory, ...ALONE, '--json'])).json()
  return hosts[HOST]?.changes.map(({ task }) => task.replace(/ v[\d.]+$/, '')) ?? []
}

/** A program of the host's that comes before the real one of its name, until it is taken away. */
function stub(name: string, script: string): Promise<string> {
  const text = `#!/bin/sh\n${script}\nPATH=/usr/sbin:/usr/bin exec ${name} "$@"\n`
  return hostSays(HOST, `cat >/usr/local/bin/${name} && chmod 755 /usr/local/bin/${name}`, text)
}

/** Who serves: NGINX's workers, and when keepalived last did something. */
async function generation(): Promise<{ nginx: string; keepalived: string }> {
  const show = 'systemctl show --property=StateChangeTimestampMonotonic --value keepalived.service'
  return {
    nginx: await hostSays(HOST, `pgrep -P "$(cat /run/nginx.pid)"`),
    keepalived: await hostSays(HOST, show),
  }
}

const published = (host: string) =>
  hostSays(host, 'readlink /var/lib/gw/current; nginx -t -q 2>&1 && keepalived -t')

beforeAll(deployLab)

afterEach(() => hostSays(HOST, 'rm -f /usr/local/bin/*'))

afterAll(deployLab)

describe('a change of the release', () => {
  it('reloads NGINX, and leaves keepalived alone, when only its files changed', async () => {
    const before = await generation()

    expect(await changesOn(weight(8))).toEqual(['Stage', 'Publish'])

    const after = await generation()
    expect(after.nginx).not.toBe(before.nginx)
    expect(after.keepalived).toBe(before.keepalived)
  })

  it('reloads keepalived too when its file changed, and nobody when nothing did', async () => {
    const before = await generation()
    const slower = variantInventory({ gateway: { vip: { advert_interval: '100ms' } } })

    expect(await changesOn(slower)).toEqual(['Stage', 'Publish'])

    const after = await generation()
    expect(after.keepalived).not.toBe(before.keepalived)
    expect(await changesOn(slower)).toEqual([])
    expect(await generation()).toEqual(after)
  })
})

describe('the audit file', () => {
  it('says what a run did, task by task, and which one failed', async () => {
    const { run } = (await gw(['deploy', weight(9), ...ALONE, '--json'])).json()
    await stub('nginx', `case $* in *${STAGED}*) exit 7 ;; esac`)
    const failed = (await gw(['deploy', weight(10), ...ALONE, '--json'])).json()

    const lines = (await hostSays(HOST, 'cat /var/log/gw/audit.jsonl')).trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const tasksOf = (id: string | null) =>
      events.filter((event) => event['run'] === id && event['event'] === 'task')
    expect(tasksOf(run)).toMatchObject([
      { host: HOST, task: expect.stringMatching(/^Stage v/) as string, status: 0 },
      { host: HOST, task: expect.stringMatching(/^Publish v/) as string, status: 0 },
    ])
    expect(tasksOf(failed.run)).toMatchObject([
      { host: HOST, task: expect.stringMatching(/^Stage v/) as string, status: 78 },
    ])
  })
})

describe('a release that does not pass its test', () => {
  it("changes nothing, and shows NGINX's words", async () => {
    const state = () => hostSays(HOST, 'readlink /var/lib/gw/current; ls -A /var/lib/gw/releases')
    const old = await state()
    const nowhere = variantInventory({ gateway: { logging: { access: '/var/log/nowhere/access.log' } } })

    const result = await gw(['deploy', nowhere, ...ALONE, '--json'])

    const { hosts } = expectFailure(result, { code: 'RELEASE_NOT_STARTABLE', status: 3, host: HOST })
    const { output } = (hosts[HOST] as { error?: { output?: string } } | undefined)?.error ?? {}
    expect(output).toMatch(/\[emerg\] .*open\(\) "\/var\/log\/nowhere\/access\.log" failed/)
    expect(output).toMatch(/^the new v[\d.]+ did not pass its test; nothing was changed$/m)
    expect(await state()).toBe(old)
    expect((await gatewayRequest({ path: '/health', node: HOST })).status).toBe(200)
  })

  it('is refused for a mere warning of NGINX on one host, and published on none', async () => {
    const old = [await published('gw-1'), await published(HOST)]
    await stub('nginx', `case $* in *${STAGED}*) echo 'nginx: [warn] of something'; exit 0 ;; esac`)

    const result = await gw(['deploy', weight(11)])

    expect(result.status).toBe(3)
    expect(result.stderr).toContain('[warn] of something')
    expect([await published('gw-1'), await published(HOST)]).toEqual(old)
  })
})

describe('a folder of somebody else at /etc/nginx/gw', () => {
  it('is refused with what to do, and nothing is put into it', async () => {
    await hostSays(HOST, 'rm /etc/nginx/gw && mkdir /etc/nginx/gw')
    try {
      const result = await gw(['deploy', weight(12), ...ALONE, '--json'])
      const { error } = expectFailure(result, { code: 'TASK_BLOCKED', status: 3, host: HOST })
      expect(error?.message).toContain('a directory stands at /etc/nginx/gw, where a link is wanted')
      expect(error?.nextSteps).toEqual([
        'Move /etc/nginx/gw away on the host, then run the same command again.',
      ])
      expect(await hostSays(HOST, 'ls -A /etc/nginx/gw')).toBe('')
    } finally {
      await hostSays(HOST, 'rmdir /etc/nginx/gw && ln -s /var/lib/gw/current/nginx/gw /etc/nginx/gw')
    }
  })
})

describe('the keys', () => {
  const KEYS = ['rsa', 'ecdsa'].map((algorithm) => `/var/lib/gw/current/nginx/gw/tls/${algorithm}.key`)

  /** The lines of both keys that are nobody else's. */
  function secretLines(): string[] {
    return ['rsa', 'ecdsa']
      .flatMap((algorithm) =>
        readFileSync(join(lab.stateDir, `tls/${DOMAIN}.${algorithm}.key`), 'utf8').split('\n'),
      )
      .filter((line) => line.length > 20 && !line.startsWith('-----'))
  }

  function expectNoSecret(text: string): void {
    expect(secretLines().filter((line) => text.includes(line))).toEqual([])
  }

  it("are root's alone", async () => {
    const modes = await hostSays(HOST, `stat -L -c '%a %U %G' ${KEYS.join(' ')}`)
    expect(modes).toBe('600 root root\n600 root root\n')
    expect((await onHost(HOST, `su -s /bin/sh www-data -c 'cat ${KEYS.join(' ')}'`)).status).not.toBe(0)
  })

  it('stand in no plan, no result, no journal, no audit file and no command line while they are written', async () => {
    expect(secretLines().length).toBeGreaterThan(10)
    await hostSays(HOST, `rm -r ${KEYS.join(' ')} /var/lib/gw/objects`)
    const seen = '/root/seen-by-others'
    await stub(
      'head',
      `case $PWD in */objects/.received) cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>${seen} ;; esac`,
    )
    const cursor = await cursorOf(HOST)

    const plan = await gw(['plan', lab.inventory, '--limit', HOST])
    const planned = await gw(['plan', lab.inventory, '--limit', HOST, '--json'])
    const result = await gw(['deploy', lab.inventory, ...ALONE, '--overwrite', '--json', '--verbose'])

    expect(changed(planned.json())).toContainEqual(
      expect.stringMatching(/2 new: .*nginx\/gw\/tls\/ecdsa\.key, nginx\/gw\/tls\/rsa\.key/),
    )
    expect(result.status).toBe(0)
    for (const { stdout, stderr } of [plan, planned, result]) expectNoSecret(`${stdout}${stderr}`)
    expectNoSecret(await journalOf(HOST, cursor))
    expectNoSecret(await hostSays(HOST, 'cat /var/log/gw/audit.jsonl'))
    const processes = await hostSays(HOST, `cat ${seen}; rm ${seen}`)
    expect(processes).toContain('gw-loader-ready')
    expectNoSecret(processes)
    expect(await hostSays(HOST, `stat -L -c %a ${KEYS.join(' ')}`)).toBe('600\n600\n')
  })

  it('are taken out of what a failing test prints', async () => {
    await stub('keepalived', `case $* in *${STAGED}*) cat ${STAGED}*/nginx/gw/tls/*.key; exit 5 ;; esac`)

    const result = await gw(['deploy', weight(13), ...ALONE])

    expect(result.status).toBe(3)
    expect(result.stderr).toContain('***')
    expectNoSecret(`${result.stdout}${result.stderr}`)
  })

  function changed({ hosts }: Envelope): string[] {
    return hosts[HOST]?.changes.map(({ summary }) => summary) ?? []
  }
})
