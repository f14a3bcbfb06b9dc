import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createDrivers } from '../../src/connection/drivers.js'
import { HostSampler, type HostEvent } from '../../src/drill/host-sampler.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { projectDir } from '../../src/lab/project-dir.js'
import type { Host } from '../../src/model/host.js'
import type { Inventory } from '../../src/model/inventory.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { records, settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'
import { compile } from './operators/compile.js'

/** What is seen on real gateways of an address that moves. */

const { inventory: path, virtualIp } = ownLab()
const reach = {
  driver: createDrivers({ environment: 'lab' }),
  resolveSecret: () => Promise.reject(new Error('the lab has no secrets')),
}

/** All hosts of the lab have this machine's clock. What is told of them may be off by this much on a busy machine. */
const CLOCKS_MS = 300

/** An address in the lab's network that nobody has. */
const SPARE = virtualIp.replace(/\d+$/, '77')

let inventory: Inventory
let device: string
let holder: GatewayName
let peer: GatewayName
let samplers: HostSampler[]
/** As they came. */
let told: HostEvent[]

beforeAll(async () => {
  await deployLab()
  inventory = await loadInventory(path, { projectDir: projectDir(), env: process.env })
  device = inventory.gateway?.virtualIp.interface ?? ''
})

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
  samplers = []
  told = []
})

afterEach(async () => {
  await Promise.all(samplers.map((sampler) => sampler.close()))
  await expectNoneLeft()
})

function hostOf(name: GatewayName): Host {
  const host = inventory.hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`the lab has no ${name}`)
  return host
}

async function look(name: GatewayName, address = virtualIp): Promise<HostSampler> {
  const onEvent = (event: HostEvent): void => {
    told.push(event)
  }
  const options = { reach, address, interface: device, forMs: 120_000, onEvent }
  const sampler = await HostSampler.start(hostOf(name), options)
  samplers.push(sampler)
  return sampler
}

/** Process ids of the programs that look, on a host. */
async function programs(host: GatewayName): Promise<string[]> {
  const text = await hostSays(host, `pgrep -a -x perl | grep -F rtnetlink | cut -d ' ' -f 1 || :`)
  return text.split('\n').filter(Boolean)
}

/** On both hosts, within the few seconds that a program may need to hear that nobody listens. */
async function expectNoneLeft(): Promise<void> {
  const all = async () => (await Promise.all([holder, peer].map(programs))).flat()
  await expect.poll(all, SOON).toEqual([])
}

function moves(events: readonly HostEvent[]): [string, boolean][] {
  return events.flatMap((event): [string, boolean][] =>
    event.kind === 'address' ? [[event.host, event.holds]] : [],
  )
}

describe('an address that moves', () => {
  it('is seen by both hosts, with what keepalived and the network say of it, all at the same time', async () => {
    const written = await records()
    const [one, other] = await Promise.all([look(holder), look(peer)])

    const before = Date.now()
    await hostSays(holder, 'echo 2 1<>/run/gw/liveness.state')
    await expect.poll(() => moves(told), SOON).toHaveLength(2)
    const after = Date.now()
    await expect.poll(() => written[holder].states(), SOON).toEqual(['FAULT', 'BACKUP'])
    const [left, came] = await Promise.all([one.stop(), other.stop()])

    expect(moves(left)).toEqual([[holder, false]])
    expect(moves(came)).toEqual([[peer, true]])
    const [address, master] = ['address', 'vrrp'].map((kind) => came.find((event) => event.kind === kind))
    const heard = left.find((event) => event.kind === 'arp')
    const sent = came.find((event) => event.kind === 'arp')
    expect(left.flatMap((event) => (event.kind === 'vrrp' ? [event.state] : []))).toEqual(['FAULT', 'BACKUP'])
    expect(master).toMatchObject({ state: 'MASTER' })
    expect([heard, sent]).toMatchObject([
      { isOwn: false, count: 5 },
      { isOwn: true, count: 5 },
    ])
    for (const event of [left[0], address, master, heard, sent]) {
      expect(event?.at).toBeGreaterThan(before - CLOCKS_MS)
      expect(event?.at).toBeLessThan(after + CLOCKS_MS)
    }
    for (const { clock } of [one, other]) {
      expect(Math.abs(clock?.offsetMs ?? Infinity)).toBeLessThanOrEqual((clock?.errorMs ?? 0) + 1)
      expect(clock?.errorMs).toBeLessThan(CLOCKS_MS)
    }
  })
})

describe('a host that looks', () => {
  it('goes on by itself when its connection is cut, and tells what has changed meanwhile', async () => {
    const sampler = await look(peer, SPARE)
    onTestFinished(() => hostSays(peer, `ip addr del ${SPARE}/32 dev ${device}`).then(() => undefined))
    const [program = ''] = await programs(peer)
    // The sshd that carries it is one of those that it descends from.
    const cut = `p=${program}; until grep -q '^Name:.sshd' /proc/$p/status; do p=$(awk '/^PPid/ { print $2 }' /proc/$p/status); done; kill -9 $p`

    await hostSays(peer, `${cut}; ip addr add ${SPARE}/32 dev ${device}`)

    await expect.poll(() => moves(told), SOON).toEqual([[peer, true]])
    await expect.poll(() => programs(peer), SOON).toHaveLength(1)
    expect(moves(await sampler.stop())).toEqual([[peer, true]])
  })

  it('ends when gw is killed', async () => {
    const program = compile('sampler')
    onTestFinished(() => {
      program.dispose()
    })
    const gw = spawn(process.execPath, [program.file, path, peer, SPARE, device], {
      cwd: projectDir(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(gw.stdout, 'data')
    expect(await programs(peer)).toHaveLength(1)

    gw.kill('SIGKILL')

    await expectNoneLeft()
  })

  it('ends when its time is over, though gw listens', async () => {
    const options = { reach, address: SPARE, interface: device, onEvent: () => undefined }
    samplers.push(await HostSampler.start(hostOf(peer), { ...options, forMs: 1000 }))
    await expectNoneLeft()
  })

  it('says why it cannot', async () => {
    const options = { reach, address: virtualIp, interface: 'eth9', forMs: 1000, onEvent: () => undefined }
    await expect(HostSampler.start(hostOf(peer), options)).rejects.toThrow(
      'the host cannot look who has the virtual IP: the interface eth9: No such device',
    )
  })
})
