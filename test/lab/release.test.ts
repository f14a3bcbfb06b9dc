import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { DOMAIN, gatewayRequest } from './fixtures/client.js'
import { expectFailure } from './fixtures/failure.js'
import { deployLab } from './fixtures/gateway.js'
import { gw, variantInventory, type Envelope } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'

/** How a release comes onto a host: whole or not at all, and telling only those who have to know. */

const lab = inject('lab')
const HOST = 'gw-2'
const STAGED = '/var/lib/gw/releases/.staged'

/** An inventory with another weight in the pool admin. */
function weight(value: number): string {
  return variantInventory({ gateway: { pools: { admin: { weights: { 'admin-3': value } } } } })
}

/** Every file that the current release has, with its sum. */
function releaseSums(): Promise<string> {
  return hostSays(HOST, 'cd /var/lib/gw/current/ && find . -type f -exec sha256sum {} + | sort')
}

async function changesOn(inventory: string): Promise<string[]> {
  const { hosts } = (await gw(['deploy', inventory, '--limit', HOST, '--json'])).json()
  return hosts[HOST]?.changes.map(({ task }) => task) ?? []
}

/** A program of the host's that comes before the real one of its name, until it is taken away. */
function stub(name: string, script: string): Promise<string> {
  const text = `#!/bin/sh\n${script}\nexec /usr/bin/${name} "$@"\n`
  return hostSays(HOST, `cat >/usr/local/bin/${name} && chmod 755 /usr/local/bin/${name}`, text)
}

/** What each service last did, by the times at which it changed its state. */
function times(): Promise<string[]> {
  const show = (unit: string) =>
    hostSays(HOST, `systemctl show --property=StateChangeTimestampMonotonic --value ${unit}`)
  return Promise.all([show('nginx.service'), show('keepalived.service')])
}

beforeAll(deployLab)

afterEach(async () => {
  await hostSays(HOST, 'rm -f /usr/local/bin/*')
  expect(await gw(['deploy', lab.inventory, '--limit', HOST])).toMatchObject({ status: 0 })
})

describe('a deploy that is killed', () => {
  const dies = 'kill -s KILL 0'

  it.each([
    ['while it writes the first file', 'head', `case $PWD in ${STAGED}) ${dies} ;; esac`],
    ['while it copies what did not change', 'cp', `case $PWD in ${STAGED}) ${dies} ;; esac`],
    ['before the staged files are on the disk', 'sync', `case $PWD in ${STAGED}) ${dies} ;; esac`],
    ['before the release has its name', 'mv', `case $* in *${STAGED}*) ${dies} ;; esac`],
    ['between the release and the link to it', 'ln', `case $* in */releases/*) ${dies} ;; esac`],
    [
      'right behind the change of the link',
      'mv',
      `case $* in *' /var/lib/gw/current') /usr/bin/mv "$@"; ${dies} ;; esac`,
    ],
  ])('%s leaves a whole release, old or new, and the next one ends it', async (_when, program, script) => {
    const old = await releaseSums()
    const changed = weight(7)
    await stub(program, script)

    const { status } = await gw(['deploy', changed, '--limit', HOST, '--json'])

    expect(status).not.toBe(0)
    const left = await releaseSums()
    expect(await hostSays(HOST, 'nginx -t -q 2>&1 && keepalived -t')).toBe('')
    expect((await gatewayRequest({ path: '/health', node: HOST })).status).toBe(200)
    await hostSays(HOST, `rm /usr/local/bin/${program}`)
    expect(await gw(['deploy', changed, '--limit', HOST])).toMatchObject({ status: 0 })
    const whole = await releaseSums()
    expect(whole).not.toBe(old)
    expect([old, whole]).toContain(left)
    expect(await hostSays(HOST, 'ls -A /var/lib/gw /var/lib/gw/releases')).not.toContain('staged')
    expect(await changesOn(changed)).toEqual([])
  })
})

describe('a change of the release', () => {
  it('reloads NGINX only, when only its files changed', async () => {
    const [, keepalived] = await times()

    expect(await changesOn(weight(8))).toEqual(['Configure the gateway', 'Run NGINX'])

    expect((await times())[1]).toBe(keepalived)
  })

  it('reloads keepalived only, when only its file changed', async () => {
    const [nginx] = await times()
    const slower = variantInventory({ gateway: { vip: { advert_interval: '100ms' } } })

    expect(await changesOn(slower)).toEqual(['Configure the gateway', 'Run keepalived'])
    expect(await changesOn(slower)).toEqual([])

    expect((await times())[0]).toBe(nginx)
  })

  it('has a reload made up for that an ended run did not come to', async () => {
    const changed = weight(9)
    await stub('systemctl', 'case $* in *reload*) kill -s KILL 0 ;; esac')
    expect((await gw(['deploy', changed, '--limit', HOST])).status).not.toBe(0)
    await hostSays(HOST, 'rm /usr/local/bin/systemctl')

    expect(await changesOn(changed)).toEqual(['Run NGINX'])
  })
})

describe('a release that does not pass its test', () => {
  it("changes nothing, and shows NGINX's words", async () => {
    const state = () => hostSays(HOST, 'readlink /var/lib/gw/current; ls -A /var/lib/gw/releases')
    const old = await state()
    const nowhere = variantInventory({ gateway: { logging: { access: '/var/log/nowhere/access.log' } } })

    const result = await gw(['deploy', nowhere, '--limit', HOST, '--json'])

    const { hosts } = expectFailure(result, { code: 'RELEASE_NOT_STARTABLE', status: 3, host: HOST })
    const { output } = (hosts[HOST] as { error?: { output?: string } } | undefined)?.error ?? {}
    expect(output).toMatch(/\[emerg\] .*open\(\) "\/var\/log\/nowhere\/access\.log" failed/)
    expect(output).toContain('the new /var/lib/gw/current did not pass its test; nothing was changed')
    expect(await state()).toBe(old)
    expect((await gatewayRequest({ path: '/health', node: HOST })).status).toBe(200)
  })

  it('is refused for a mere warning of NGINX', async () => {
    await stub('nginx', `case $* in *${STAGED}*) echo 'nginx: [warn] of something'; exit 0 ;; esac`)
    await hostSays(HOST, "sed -i 's#/usr/bin/nginx#/usr/sbin/nginx#' /usr/local/bin/nginx")

    const result = await gw(['deploy', weight(11), '--limit', HOST])

    expect(result.status).toBe(3)
    expect(result.stderr).toContain('[warn] of something')
  })
})

describe('a folder of somebody else at /etc/nginx/gw', () => {
  it('is refused with what to do, and nothing is put into it', async () => {
    await hostSays(HOST, 'rm /etc/nginx/gw && mkdir /etc/nginx/gw')
    try {
      const result = await gw(['deploy', weight(12), '--limit', HOST, '--json'])
      const { error } = expectFailure(result, { code: 'TASK_BLOCKED', status: 3, host: HOST })
      expect(error?.message).toContain('a directory stands at /etc/nginx/gw, where a link is wanted')
      expect(error?.nextSteps).toEqual([
        'Move /etc/nginx/gw away on the host, then run the same command again.',
      ])
      expect(await hostSays(HOST, 'ls -A /etc/nginx/gw')).toBe('')
    } finally {
      await hostSays(HOST, 'rmdir /etc/nginx/gw')
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

  it('stand in no plan, no result, no journal and no command line while they are written', async () => {
    expect(secretLines().length).toBeGreaterThan(10)
    await hostSays(HOST, `rm ${KEYS.join(' ')}`)
    const seen = '/root/seen-by-others'
    await stub(
      'head',
      `case $PWD in ${STAGED}) cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>${seen} ;; esac`,
    )
    const cursor = await cursorOf(HOST)
    const limited = [lab.inventory, '--limit', HOST]

    const plan = await gw(['plan', ...limited])
    const planned = await gw(['plan', ...limited, '--json'])
    const result = await gw(['deploy', ...limited, '--json', '--verbose'])

    expect(changed(planned.json())).toContain('2 new: nginx/gw/tls/ecdsa.key, nginx/gw/tls/rsa.key')
    expect(result.status).toBe(0)
    for (const { stdout, stderr } of [plan, planned, result]) expectNoSecret(`${stdout}${stderr}`)
    expectNoSecret(await journalOf(HOST, cursor))
    const processes = await hostSays(HOST, `cat ${seen}; rm ${seen}`)
    expect(processes).toContain('gw-loader-ready')
    expectNoSecret(processes)
    expect(await hostSays(HOST, `stat -L -c %a ${KEYS.join(' ')}`)).toBe('600\n600\n')
  })

  it('are taken out of what a failing test prints', async () => {
    await stub('keepalived', `cat ${STAGED}/nginx/gw/tls/*.key; exit 5`)

    const result = await gw(['deploy', weight(13), '--limit', HOST])

    expect(result.status).toBe(3)
    expect(result.stderr).toContain('***')
    expectNoSecret(`${result.stdout}${result.stderr}`)
  })

  function changed({ hosts }: Envelope): string[] {
    return hosts[HOST]?.changes.map(({ summary }) => summary) ?? []
  }
})
