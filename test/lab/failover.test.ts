import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { projectDir } from '../../src/lab/project-dir.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, startGw, type Envelope } from './fixtures/gw.js'
import { writtenState } from './fixtures/host-state.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, holders, records, settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'

/** `gw failover`: the virtual IP goes from one gateway to the other, and clients are asked what they saw. */

const { inventory, virtualIp, prefix, name: labName } = ownLab()

const REACHED = '/root/gw-test-reached'
const GO_ON = '/root/gw-test-go-on'
/** What this machine gets no answer to from the virtual IP; the gateways do. */
const MUTE = `from ${virtualIp} to ${prefix}.0/27 blackhole`

/** Where the holder holds new connections off. */
const TABLE = 'gw_handover'

type Written = Awaited<ReturnType<typeof records>>

interface Figures {
  readonly sent: number
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
  readonly cut: number
  readonly nodes: readonly string[]
}

let from: GatewayName
let to: GatewayName

beforeAll(async () => {
  expect((await gw(['deploy', inventory, '--yes'])).status).toBe(0)
})

beforeEach(async () => {
  const { holder, peer } = await settledPair()
  ;[from, to] = [holder, peer]
})

afterEach(async () => {
  const mend = `echo on >${GO_ON}; rm -rf /usr/local/bin/ip /var/lib/gw/lock; ip rule del ${MUTE} 2>/dev/null || :`
  await Promise.all(GATEWAYS.map((host) => hostSays(host, mend)))
})

/** The program on `from` that gives the address away stands still once the host has been told to. */
async function stopHalfWay(): Promise<void> {
  const stub = `#!/bin/sh
if [ "$*" = '-o addr show' ] && [ "$(cat /run/gw/liveness.state)" = 2 ]; then
  rm "$0"
  echo >${REACHED}
  waits=0
  until [ -e ${GO_ON} ] || [ "$waits" -ge 600 ]; do sleep 0.05; waits=$((waits + 1)); done
  if grep -q end ${GO_ON}; then kill -s KILL 0; fi
fi
exec /usr/bin/ip "$@"
`
  const write = `rm -f ${REACHED} ${GO_ON}; cat >/root/ip && chmod 755 /root/ip && mv /root/ip /usr/local/bin/ip`
  await hostSays(from, write, stub)
}

async function halfWay(): Promise<void> {
  await hostSays(from, `timeout 30 sh -c 'until [ -e ${REACHED} ]; do sleep 0.02; done'`)
}

/** Waits until keepalived of a host has gone through these states; two close together are written down in any order. */
async function expectStates(host: GatewayName, written: Written, states: readonly string[]): Promise<void> {
  const seen = async () => (await written[host].states()).toSorted()
  await expect.poll(seen, SOON).toEqual(states.toSorted())
}

async function failover(...flags: string[]): Promise<Envelope> {
  const result = await gw(['failover', inventory, '--yes', '--json', ...flags])
  return result.json()
}

describe('a failover', () => {
  it('moves the virtual IP to the other gateway, and the same command moves it back', async () => {
    const written = await records()

    const told = await failover()

    expect(told, JSON.stringify(told)).toMatchObject({ ok: true, from, to, error: null })
    const { tcp, tls, keepalive } = told['clients'] as Readonly<Record<string, Figures>>
    expect(tcp).toMatchObject({ failed: 0, cut: 0 })
    // Only what a busy machine is late with by more than the holder waits for can be lost.
    const failures = Object.keys(tls?.failures ?? {})
    expect(failures.filter((failure) => !['reset', 'timeout'].includes(failure))).toEqual([])
    expect(tls?.nodes).toEqual([from, to])
    expect(keepalive?.cut).toBeGreaterThan(0)
    expect(told['outageMs']).toBeGreaterThan(0)
    expect(await holders()).toEqual([to])
    expect(await hostSays(from, 'nft list tables')).not.toContain(TABLE)

    const { status, stdout, stderr } = await gw(['failover', inventory, '--yes'])

    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`^${virtualIp} moved from ${to} to ${from}, in \\d+\\.\\d s\\.\n\nCLIENTS `),
    )
    expect(stdout).toMatch(/^requests over new TLS connections +\d+ +\d+ +0 +\d+ ms/m)
    expect(stdout).toContain(`\nTo undo it: gw failover ${inventory}\n`)
    expect((await gw(['history'])).stdout).toMatch(/failover .* 1 task changed something/)
    await expectStates(from, written, ['FAULT', 'BACKUP', 'MASTER'])
    await expectStates(to, written, ['MASTER', 'FAULT', 'BACKUP'])
    expect((await gw(['health', inventory, '--wait', '20s'])).status).toBe(0)
  })

  it('says that nothing was measured where this machine has no way to the virtual IP', async () => {
    await Promise.all(GATEWAYS.map((host) => hostSays(host, `ip rule add ${MUTE}`)))

    const told = await failover()

    expect(told).toMatchObject({ ok: true, from, to, outageMs: null, sent: null, failed: null, clients: {} })
    expect(told.warnings.join()).toContain(`this machine did not reach ${virtualIp}`)
  })

  it('only shows who would give it to whom, with --check', async () => {
    const before = await writtenState()
    const { status, stdout } = await gw(['failover', inventory, '--check'])
    expect(status).toBe(8)
    expect(stdout).toMatch(new RegExp(`^${from}\n  ~ Give ${virtualIp} away: to ${to}\n`))
    expect([await writtenState(), await holders()]).toEqual([before, [from]])
  })
})

describe('a failover that nobody takes', () => {
  it('is undone by the gateway that had the virtual IP, and says so', async () => {
    const written = await records()
    await hostSays(to, 'systemctl kill --signal=STOP keepalived')
    try {
      const told = await failover()

      expect(told).toMatchObject({
        exitCode: 6,
        from,
        to: null,
        error: { code: 'HANDOVER_UNDONE', host: from },
      })
      // Three adverts that did not come. Less is seen only by a machine that was late itself, which it says.
      const wasLate = told.warnings.some((warning) => warning.includes('ms late itself'))
      expect(wasLate || Number(told['outageMs']) > 100, JSON.stringify(told)).toBe(true)
      await expectStates(from, written, ['FAULT', 'BACKUP', 'MASTER'])
      expect(await holders()).toEqual([from])
    } finally {
      await hostSays(to, 'systemctl kill --signal=CONT keepalived')
    }
  })
})

describe('a failover is refused, with everything as it was,', () => {
  async function refused(message: string | RegExp): Promise<Envelope> {
    const before = await holders()
    const result = await gw(['failover', inventory, '--yes', '--json'])
    const envelope = expectFailure(result, { code: 'PEER_UNFIT', status: 3 })
    expect(envelope.error?.message).toMatch(message)
    expect(await holders()).toEqual(before)
    return envelope
  }

  it('when the other gateway serves nothing', async () => {
    const written = await records()
    // Asked to, it would wait for the connections of loads before.
    await hostSays(to, 'systemctl kill --signal=KILL nginx; systemctl stop nginx')
    try {
      await refused('no gateway that is fit would take')
      const { stderr } = await gw(['failover', inventory, '--yes'])
      expect(stderr).toMatch(new RegExp(`${to}: nginx.service is (inactive|failed)`))
    } finally {
      await hostSays(to, 'systemctl start nginx')
      // On its way there keepalived takes the address off, also one that a test puts there.
      await expect.poll(() => written[to].states(), SOON).toContain('BACKUP')
    }
  })

  it('when both have the virtual IP', async () => {
    await hostSays(to, `ip addr add ${virtualIp}/24 dev eth0`)
    try {
      await refused(`split brain: gw-1 and gw-2 hold ${virtualIp}`)
    } finally {
      await hostSays(to, `ip addr del ${virtualIp}/24 dev eth0`)
    }
  })

  it('when nobody has it', async () => {
    const tell = (state: number) =>
      Promise.all(GATEWAYS.map((host) => hostSays(host, `echo ${state} 1<>/run/gw/nginx.state`)))
    await tell(1)
    try {
      await expect.poll(holders, SOON).toEqual([])
      await refused(`none of gw-1, gw-2 holds ${virtualIp}`)
    } finally {
      await tell(0)
    }
  })

  it('when a gateway has a release on trial that nobody confirmed', async () => {
    const trial = '/var/lib/gw/trial'
    await hostSays(
      to,
      `mkdir ${trial} && cd ${trial} && echo 3fa9c210 >run && echo v9.9 >release && echo v1.0 >before`,
    )
    try {
      await refused('it has v9.9 on trial for run 3fa9c210')
    } finally {
      await hostSays(to, `rm -r ${trial}`)
    }
  })

  it('when nobody is there to ask', async () => {
    const result = await gw(['failover', inventory, '--json'])
    const { error } = expectFailure(result, { code: 'QUESTION_WITHOUT_TERMINAL', status: 2 })
    expect(error?.nextSteps.join()).toContain('--yes')
  })
})

describe('a failover that stands still half way', () => {
  beforeEach(stopHalfWay)

  it('keeps another one out, which says whose lock it is, and goes on', async () => {
    const first = startGw(['failover', inventory, '--yes', '--json'])
    await halfWay()

    const second = await gw(['failover', inventory, '--yes', '--json'])

    expectFailure(second, { code: 'LOCK_HELD', status: 7 })
    await hostSays(from, `echo on >${GO_ON}`)
    expect((await first.ended).json()).toMatchObject({ ok: true, from, to })
  })

  it.each(['gw', 'gw and its program on the host'])(
    'leaves a host that stands by when %s is killed',
    async (what) => {
      const written = await records()
      const running = startGw(['failover', inventory, '--yes', '--lease', '2s'])
      await halfWay()
      running.kill('SIGKILL')
      await running.ended
      if (what !== 'gw') await hostSays(from, `echo end >${GO_ON}`)

      await expect.poll(holders, SOON).toEqual([to])
      await expectStates(from, written, ['FAULT', 'BACKUP'])
      expect(await hostSays(from, 'cat /run/gw/liveness.state')).toBe('0\n')
      const heldOff = () => hostSays(from, `nft list set inet ${TABLE} held`)
      await expect.poll(heldOff, SOON).not.toContain('elements')
      await hostSays(from, `[ -s ${GO_ON} ] || echo on >${GO_ON}`)
      await expect.poll(async () => (await gw(['lock', 'release', inventory])).status, SOON).toBe(0)
      const { status, stdout } = await gw(['health', inventory, '--wait', '20s'])
      expect(status, stdout).toBe(0)
    },
  )
})

describe('on a terminal', () => {
  const run = promisify(execFile)

  async function tmux(...words: string[]): Promise<string> {
    return (await run('tmux', ['-L', `gw-${labName}`, ...words])).stdout
  }

  async function answer(word: string): Promise<string> {
    const words = [process.execPath, join(projectDir(), 'bin/run.js'), 'failover', inventory].join(' ')
    // Nothing is left on the screen of the question before.
    await tmux('send-keys', '-R', '-t', 'gw')
    await tmux('send-keys', '-t', 'gw', `${words}; echo "exit=$?"`, 'Enter')
    await expect.poll(screen, { timeout: 60_000, interval: 50 }).toContain(`Type ${virtualIp} to go on:`)
    await tmux('send-keys', '-t', 'gw', word, 'Enter')
    await expect.poll(screen, { timeout: 60_000, interval: 50 }).toMatch(/exit=\d/)
    return screen()
  }

  async function screen(): Promise<string> {
    return tmux('capture-pane', '-p', '-t', 'gw')
  }

  beforeAll(async () => {
    const shell = ['env', '-u', 'CI', '-u', 'NO_COLOR', 'TERM=xterm-256color', 'sh']
    await tmux('new-session', '-d', '-s', 'gw', '-x', '120', '-y', '100', '-c', projectDir(), ...shell)
  })

  afterAll(() => tmux('kill-server'))

  it('a failover wants the virtual IP typed, and nothing else', async () => {
    expect(await answer('yes')).toContain('exit=130')
    expect(await holders()).toEqual([from])
    const seen = await answer(virtualIp)
    expect(seen).toContain('exit=0')
    expect(seen).toContain(`moved from ${from} to ${to}`)
  })
})
