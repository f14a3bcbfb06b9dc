import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Kind } from '../../src/drill/sample.js'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'
import { STATE } from '../../src/model/state-paths.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, startGw, type Envelope } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, holders, settledPair, SOON } from './fixtures/vrrp.js'

/** `gw failover-drill`: faults that are made on purpose, what clients see of them, and that everything comes back. */

const { inventory, virtualIp } = ownLab()

const LONG = { timeout: 240_000 }

interface Told {
  readonly name: ScenarioName
  readonly verdict: string
  readonly reasons: readonly string[]
  readonly hosts: readonly string[]
  readonly holderBefore: string
  readonly holderAfter: string | null
  readonly outageMs: number | null
  readonly sent: number
  readonly failed: number
  readonly clients: Readonly<Partial<Record<Kind, { readonly failed: number }>>>
  readonly disturbedAt: number
  readonly undoneAt: number
  readonly undoneBy: string | null
  readonly holders: readonly { readonly host: string; readonly from: number; readonly to: number | null }[]
  readonly events: readonly { readonly kind: string; readonly host: string | null; readonly text: string }[]
}

function scenariosOf(envelope: Envelope): readonly Told[] {
  return envelope['scenarios'] as readonly Told[]
}

async function drill(names: readonly ScenarioName[], ...flags: string[]): Promise<Envelope> {
  const scenarios = names.flatMap((name) => ['--scenario', name])
  const hold = flags.includes('--hold') ? [] : ['--hold', '2s']
  const words = [
    'failover-drill',
    inventory,
    '--yes',
    '--json',
    '--rate',
    '50',
    ...hold,
    ...scenarios,
    ...flags,
  ]
  return (await gw(words, { timeoutMs: LONG.timeout })).json()
}

async function expectHealthy(): Promise<void> {
  const { status, stdout } = await gw(['health', inventory, '--wait', '60s'])
  expect(status, stdout).toBe(0)
}

function expectPassed(told: Envelope, names: readonly ScenarioName[]): void {
  const said = JSON.stringify({
    error: told.error,
    scenarios: scenariosOf(told).map(({ reasons }) => reasons),
  })
  expect({ exitCode: told.exitCode, verdict: told['verdict'] }, said).toEqual({
    exitCode: 0,
    verdict: 'pass',
  })
  expect(scenariosOf(told).map(({ name, undoneBy }) => [name, undoneBy])).toEqual(
    names.map((name) => [name, name === 'reboot' ? 'boot' : 'gw']),
  )
}

beforeAll(async () => {
  expect((await gw(['deploy', inventory, '--yes'])).status).toBe(0)
})

afterEach(async () => {
  await gw(['lock', 'release', inventory])
  await expectHealthy()
})

describe('a drill whose faults gw undoes', () => {
  it('sees the virtual IP move when NGINX or keepalived ends, hangs, or hands over', LONG, async () => {
    const names: ScenarioName[] = [
      ...(['nginx-stopped', 'nginx-killed', 'nginx-hung', 'keepalived-stopped'] as const),
      ...(['keepalived-killed', 'host-frozen', 'handover'] as const),
    ]

    const told = await drill(names)

    expectPassed(told, names)
    for (const { holders: held, hosts, events } of scenariosOf(told)) {
      const taker = GATEWAYS.find((host) => !hosts.includes(host))
      expect(held.map(({ host }) => host)).toContain(taker)
      expect(events.map(({ kind, host, text }) => `${kind} ${String(host)} ${text}`)).toContain(
        `vrrp ${String(taker)} MASTER`,
      )
      expect(events.map(({ kind }) => kind)).toContain('arp')
    }
  })

  it(
    'sees the virtual IP stay when a disk is full, a certificate is broken, or servers are lost',
    LONG,
    async () => {
      const names: ScenarioName[] = ['disk-full', 'certificate-broken', 'backend-lost', 'pool-lost']

      const told = await drill(names)

      expectPassed(told, names)
      for (const { holderBefore, holderAfter, clients, holders: held } of scenariosOf(told)) {
        expect(holderAfter).toBe(holderBefore)
        expect(held).toHaveLength(1)
        // A reload may cut connections that are open.
        expect([clients.tcp?.failed, clients.tls?.failed]).toEqual([0, 0])
      }
    },
  )

  it(
    'sees both have the virtual IP when they hear nothing of each other, and one again afterwards',
    LONG,
    async () => {
      const told = await drill(['peer-cut'])

      expectPassed(told, ['peer-cut'])
      const [{ events, holders: held } = { events: [], holders: [] }] = scenariosOf(told)
      expect(events.map(({ text }) => text).join('\n')).toMatch(
        /split brain: two gateways have the virtual IP, for \d+ ms/,
      )
      expect(new Set(held.map(({ host }) => host))).toEqual(new Set(GATEWAYS))
      expect(await holders()).toHaveLength(1)
    },
  )

  it(
    'sees the other gateway take over when one is cut off, and brings the virtual IP back',
    LONG,
    async () => {
      const { holder } = await settledPair()

      const told = await drill(['host-cut'], '--failback')

      expectPassed(told, ['host-cut'])
      expect(await holders()).toEqual([holder])
    },
  )

  it('waits for a gateway that boots', LONG, async () => {
    const { holder, peer } = await settledPair()

    const told = await drill(['reboot'])

    expectPassed(told, ['reboot'])
    expect(scenariosOf(told)[0]).toMatchObject({ holderBefore: holder, holderAfter: peer })
  })
})

describe('a drill ends early', () => {
  it('when clients wait for longer than they may, with all undone at once', LONG, async () => {
    const told = await drill(['nginx-hung'], '--max-outage', '100ms', '--hold', '60s', '--undo-after', '90s')

    expect(told).toMatchObject({ exitCode: 6, verdict: 'aborted', error: { code: 'DRILL_ABORTED' } })
    const [scenario] = scenariosOf(told)
    expect(scenario).toMatchObject({ undoneBy: 'gw', verdict: 'aborted' })
    expect(scenario?.reasons.join()).toContain('clients had no answer for more than 100 ms')
    // Long before its time, also on a machine that is busy.
    expect((scenario?.undoneAt ?? Infinity) - (scenario?.disturbedAt ?? 0)).toBeLessThan(20_000)
  })

  it('when something else is not well', LONG, async () => {
    const { peer } = await settledPair()
    const words = ['failover-drill', inventory, '--yes', '--json', '--scenario', 'backend-lost']
    const running = startGw([...words, '--hold', '30s', '--undo-after', '60s'], { timeoutMs: LONG.timeout })
    await expect.poll(() => hostSays(peer, 'nft list tables'), SOON).toContain('gw_drill')
    await hostSays(peer, 'systemctl stop nginx')
    // As somebody would who sees it, so that all is steady again.
    const mended = hostSays(peer, 'sleep 3; systemctl start nginx')
    const told = (await running.ended).json()
    await mended
    expect(told).toMatchObject({ exitCode: 6, verdict: 'aborted' })
    expect(scenariosOf(told)[0]?.reasons.join()).toContain(`something else was not well: ${peer}: `)
  })

  it('when it is interrupted', LONG, async () => {
    const words = ['failover-drill', inventory, '--yes', '--scenario', 'backend-lost', '--hold', '30s']
    const running = startGw([...words, '--undo-after', '60s'], { timeoutMs: LONG.timeout })
    await running.shows('disturbed: ')
    running.kill('SIGINT')
    const { status, stderr } = await running.ended
    expect(status, stderr).toBe(130)
    expect(stderr).toContain('undone by gw')
  })

  it('when it is interrupted twice, with a word of who undoes it and when', LONG, async () => {
    const words = ['failover-drill', inventory, '--yes', '--scenario', 'peer-cut', '--hold', '5s']
    const running = startGw([...words, '--undo-after', '8s', '--lease', '2s'], { timeoutMs: LONG.timeout })
    await running.shows('disturbed: ')
    // What undoes it waits for whatever else is at work there.
    const guarded = `flock ${STATE.drillGuard} sleep 4`
    await Promise.all(GATEWAYS.map((host) => hostSays(host, `systemd-run --quiet --collect ${guarded}`)))
    running.kill('SIGINT')
    await running.shows('aborted: ')
    running.kill('SIGINT')
    const { status, stderr } = await running.ended
    expect(status, stderr).toBe(130)
    expect(stderr).toMatch(/gw-[12].*it undoes it alone at \d\d:\d\d:\d\d UTC/)
    for (const host of GATEWAYS)
      await expect.poll(() => hostSays(host, 'ls -d /var/lib/gw/drill || :'), { timeout: 30_000 }).toBe('')
  })
})

describe('a drill is refused, with everything as it was,', () => {
  it('when the other gateway is not fit to take over', async () => {
    const { holder, peer } = await settledPair()
    await hostSays(peer, 'systemctl stop nginx')
    try {
      const result = await gw(['failover-drill', inventory, '--yes', '--json', '--scenario', 'nginx-stopped'])
      expectFailure(result, { code: 'PEER_UNFIT', status: 3 })
      expect(await holders()).toEqual([holder])
    } finally {
      await hostSays(peer, 'systemctl start nginx')
    }
  })

  it('when another one is under way', LONG, async () => {
    const words = ['failover-drill', inventory, '--yes', '--json', '--scenario', 'backend-lost']
    // Two at once leave each other little of a processor, and what could not be looked at in time is no pass.
    const patient = ['--hold', '4s', '--max-outage', '10s']
    const first = startGw([...words, ...patient], { timeoutMs: LONG.timeout })
    await expect.poll(() => hostSays('gw-1', 'ls /var/lib/gw/lock 2>/dev/null || :'), SOON).not.toBe('')

    const second = await gw([...words, '--hold', '2s'])

    expectFailure(second, { code: 'LOCK_HELD', status: 7 })
    expect((await first.ended).json()).toMatchObject({ exitCode: 0, verdict: 'pass' })
  })

  it('when nobody is there to ask', async () => {
    const result = await gw(['failover-drill', inventory, '--json', '--scenario', 'handover'])
    const { error } = expectFailure(result, { code: 'QUESTION_WITHOUT_TERMINAL', status: 2 })
    expect(error?.nextSteps.join()).toContain('--yes')
  })

  it('when hosts would undo a fault while it is looked at', async () => {
    const flags = ['--hold', '10s', '--undo-after', '5s']
    const result = await gw(['failover-drill', inventory, '--yes', '--json', ...flags])
    expectFailure(result, { code: 'USAGE', status: 2 })
  })
})

describe('what a drill leaves', () => {
  it('is a report, a page that needs nothing else, and a row in gw drills', LONG, async () => {
    const flags = ['--yes', '--scenario', 'handover', '--from', 'mon-1']
    const { status, stdout, stderr } = await gw(['failover-drill', inventory, ...flags], {
      timeoutMs: LONG.timeout,
    })
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('handover')
    const page = /^Drawn in (.+\.html)$/m.exec(stdout)?.[1] ?? ''
    const { readFile, stat } = await import('node:fs/promises')
    expect(await readFile(page, 'utf8')).toContain(virtualIp)
    expect((await stat(page)).mode & 0o777).toBe(0o600)
    expect((await gw(['drills', inventory])).stdout).toContain('handover')
    expect((await gw(['history'])).stdout).toContain('failover-drill')
  })
})
