import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Fleet } from './fixtures/fleet.js'
import { startGw, type Envelope } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { settledPair } from './fixtures/vrrp.js'
import { sample } from './fixtures/sample.js'

/** The standby becomes unfit when it has the new release, before the holder of the virtual IP is changed. */

const LOOKS = '/root/gw-test-looks'
const LINK_DOWN = '/root/gw-test-link-down'

let fleet: Fleet
let inventory: string
let old: string

/** The proof asks a host for its addresses; what asks next, once the new release is there, is the guard of the other one. */
async function atTheGuard(action: string): Promise<void> {
  const stub = `#!/bin/sh
case $* in
  '-o addr show')
    if [ "$(readlink /var/lib/gw/current)" != /var/lib/gw/releases/${old} ]; then
      echo look >>${LOOKS}
      if [ "$(wc -l <${LOOKS})" = 2 ]; then ${action}; fi
    fi
    ;;
  '-o link show dev '*)
    if [ -e ${LINK_DOWN} ]; then echo '2: eth0: <BROADCAST,MULTICAST> mtu 1500 state DOWN'; exit; fi
    ;;
esac
exec /usr/sbin/ip "$@"
`
  await hostSays(fleet.first, `rm -f ${LOOKS}; cat >/usr/local/bin/ip && chmod 755 /usr/local/bin/ip`, stub)
}

/** A program on the host that answers a question of the guard by `answer`, and is itself for everybody else. */
function answers(program: string, words: string, answer: string): string {
  const lines = [
    '#!/bin/sh',
    `case "$*" in ${words}) ${answer}; exit ;; esac`,
    `exec /usr/bin/${program} "$@"`,
  ]
  const quoted = lines.map((line) => `'${line.replaceAll("'", `'\\''`)}'`).join(' ')
  const path = `/usr/local/bin/${program}`
  return `printf '%s\\n' ${quoted} >${path}.new; chmod 755 ${path}.new; mv ${path}.new ${path}`
}

function deploy(...flags: string[]): Promise<{ status: number | null; envelope: Envelope }> {
  const running = startGw(['deploy', inventory, '--lease', '3s', '--json', ...flags])
  return running.ended.then((result) => ({ status: result.status, envelope: result.json() }))
}

beforeAll(async () => {
  fleet = await Fleet.ready()
})

beforeEach(() => {
  inventory = fleet.fresh()
  old = fleet.served
})

afterEach(async () => {
  const mend = `rm -f /usr/local/bin/* ${LINK_DOWN}; systemctl start nginx keepalived; echo 0 >/run/gw/nginx.state`
  await hostSays(fleet.first, mend)
  await settledPair()
  await fleet.deployAtOnce(inventory)
})

const UNFIT: readonly [string, string, string][] = [
  ['whose NGINX was stopped', 'systemctl stop nginx', 'nginx.service is inactive'],
  ['whose keepalived has a fault', 'echo 1 >/run/gw/nginx.state', 'its NGINX does not serve'],
  ['whose interface is down', `: >${LINK_DOWN}`, 'its network interface is down'],
  ['whose clock is off', answers('date', '+%s.%N', 'echo "$(($(/usr/bin/date +%s) + 60)).0"'), 's ahead'],
  [
    'whose disk is full',
    answers('df', '--block-size=1*', 'echo "1000000 0 0"'),
    '/var/log has 0 MB free, and 50 are needed',
  ],
]

describe('a standby', () => {
  it.each(sample(UNFIT, 2))(
    '%s keeps the holder from being changed; both serve what they did',
    async (_what, action, reason) => {
      await atTheGuard(action)

      const { status, envelope } = await deploy()

      expect(status, JSON.stringify(envelope)).toBe(6)
      expect(envelope.error?.code).toBe('RELEASE_REVERTED')
      const own = envelope.hosts[fleet.last] as unknown as { error: { code: string; output: string } }
      expect(own.error.code).toBe('PEER_UNFIT')
      expect(own.error.output).toContain(reason)
      await expect.poll(() => fleet.expectWhole([old]).catch(String), { timeout: 10_000 }).toBe(old)
    },
  )
})

describe('an unfit standby', () => {
  const unfit = 'echo 1 >/run/gw/nginx.state'

  it('keeps what it has, and the holder what it had, with --on-failure keep', async () => {
    await atTheGuard(unfit)

    const { status, envelope } = await deploy('--on-failure', 'keep')

    expect(status).toBe(3)
    expect(envelope.error).toMatchObject({ code: 'PEER_UNFIT', host: fleet.last })
    expect(await hostSays(fleet.last, 'basename "$(readlink /var/lib/gw/current)"')).toBe(`${old}\n`)
    expect(
      await hostSays(fleet.first, 'basename "$(readlink /var/lib/gw/current)"; ls /var/lib/gw'),
    ).not.toMatch(new RegExp(`^${old}$|^trial$`, 'm'))
  })

  it('is no hindrance with --allow-unprotected', async () => {
    await atTheGuard(unfit)

    const { status, envelope } = await deploy('--allow-unprotected')

    expect(status, JSON.stringify(envelope)).toBe(0)
  })
})
