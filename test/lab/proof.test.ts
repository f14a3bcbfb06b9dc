import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDrivers } from '../../src/connection/drivers.js'
import { HostSession } from '../../src/engine/session.js'
import { trialHost, type TrialHost } from '../../src/engine/trial.js'
import { GwError } from '../../src/errors.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { projectDir } from '../../src/lab/project-dir.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { DriverName } from '../../src/model/host.js'
import type { Inventory } from '../../src/model/inventory.js'
import { guardPeers } from '../../src/release/guard-peers.js'
import { proveServed } from '../../src/release/served.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'

/** Whether a release is served, and whether a gateway may be changed, asked of real gateways over real connections. */

const lab = ownLab()
const drivers = createDrivers({ environment: 'lab' })
const reach = { driver: drivers, resolveSecret: () => Promise.reject(new Error('the lab has no secrets')) }

let inventory: Inventory
let gateway: Gateway
let holder: GatewayName
let peer: GatewayName
/** The release that both serve. */
let release: string

beforeAll(async () => {
  await deployLab()
  inventory = await loadInventory(lab.inventory, { projectDir: projectDir(), env: process.env })
  if (inventory.gateway === null) throw new Error('the lab has no gateway')
  gateway = inventory.gateway
  release = (await hostSays('gw-1', 'basename "$(readlink /var/lib/gw/current)"')).trim()
})

afterAll(deployLab)

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
})

/** A gateway over a connection of its own, which ends with the test. */
function trial(name: GatewayName, driver: DriverName = 'ssh2'): TrialHost {
  const host = inventory.hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`the lab has no ${name}`)
  const session = new HostSession({ ...host, connection: { ...host.connection, driver } }, reach)
  onTestFinished(() => session.close())
  return trialHost(session)
}

async function failureOf(promise: Promise<string>): Promise<GwError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (error instanceof GwError) return error
  throw new Error('no GwError', { cause: error })
}

describe.each(['ssh2', 'openssh'] as const)('by the %s driver', (driver) => {
  it('a standby is proved on its own address, the holder through the virtual IP as well', async () => {
    const [one, other] = [trial(holder, driver), trial(peer, driver)]
    const own = `${release} answers on its own address`
    expect(await proveServed(other, [one], { gateway, release })).toBe(own)
    expect(await proveServed(one, [other], { gateway, release })).toBe(`${own} and through ${lab.virtualIp}`)
    expect(await proveServed(one, [], { gateway, release })).toBe(`${own} and through ${lab.virtualIp}`)
  })

  it('a release that is not there is told from the one that answers', async () => {
    const error = await failureOf(
      proveServed(trial(peer, driver), [], { gateway, release: 'v999.9', deadlineMs: 300 }),
    )
    expect(error.code).toBe('RELEASE_NOT_SERVED')
    expect(error.message).toContain(`within 300 ms: release ${release} answers`)
  })

  it('an NGINX that does not run is told from one that answers', async () => {
    onTestFinished(() => hostSays(peer, 'systemctl start nginx').then(() => undefined))
    await hostSays(peer, 'systemctl stop nginx')
    const proof = proveServed(trial(peer, driver), [], { gateway, release, deadlineMs: 300 })
    const error = await failureOf(proof)
    expect(error.message).toMatch(/within 300 ms: the host reaches nothing at [0-9.]+ port 443$/)
  })

  it('a host whose sshd forwards nothing is asked directly', async () => {
    const configuration = '/etc/ssh/sshd_config.d/00-gw-test.conf'
    onTestFinished(() => hostSays(peer, `rm ${configuration}; systemctl restart ssh`).then(() => undefined))
    await hostSays(peer, `echo AllowTcpForwarding no >${configuration}; systemctl restart ssh`)
    const host = trial(peer, driver)
    await expect(host.forward('127.0.0.1', 443)).rejects.toThrow('the host does not allow TCP forwarding')
    expect(await proveServed(host, [], { gateway, release })).toBe(`${release} answers on its own address`)
  })
})

describe('a new release', () => {
  const FILE = '/var/lib/gw/current/nginx/gw/release.conf'
  const named = (name: string): string =>
    `sed -i 's/default .*;/default ${name};/' ${FILE}; systemctl reload nginx`

  afterEach(() => hostSays(peer, named(release)))

  it('is seen as soon as NGINX took it, whatever old workers still do', async () => {
    const host = trial(peer)
    for (const name of ['v998.1', 'v998.2', 'v998.3']) {
      await hostSays(peer, named(name))
      await proveServed(host, [], { gateway, release: name })
    }
  })
})

describe('the guard', () => {
  function guard(host: GatewayName, other: GatewayName, releases = [release]): Promise<string> {
    return guardPeers(trial(host), [trial(other)], { run: '0a1b2c3d', gateway, releases })
  }

  it('lets either be changed while the pair is well', async () => {
    expect(await guard(peer, holder)).toBe(`${holder} holds ${lab.virtualIp}`)
    expect(await guard(holder, peer)).toBe(`${peer} can take ${lab.virtualIp}`)
  })

  it.each([
    [
      'its NGINX does not run',
      'systemctl stop nginx',
      'systemctl start nginx',
      /nginx\.service is inactive; .*nginx\.state/,
    ],
    [
      'its keepalived does not run',
      'systemctl stop keepalived',
      'systemctl start keepalived',
      /keepalived\.service is inactive/,
    ],
    [
      'its NGINX is said not to serve',
      'echo 1 >/run/gw/nginx.state',
      'echo 0 >/run/gw/nginx.state',
      /does not serve/,
    ],
    [
      'its disk cannot be written to',
      'mount --bind /var/lib/gw /var/lib/gw && mount -o remount,bind,ro /var/lib/gw',
      'umount /var/lib/gw',
      /\/var\/lib\/gw cannot be written to/,
    ],
    [
      'its disk is full',
      'mount -t tmpfs -o size=1m none /var/log/gw && mount --bind /var/log/gw /var/log',
      'umount /var/log; umount /var/log/gw',
      /\/var\/log has [01] MB free/,
    ],
    [
      'its NGINX hangs',
      'pkill -STOP -x nginx',
      'pkill -CONT -x nginx',
      /nothing whole within|end of the connection/,
    ],
  ])('keeps the holder from being changed while of its peer %s', async (_what, breaks, mends, why) => {
    onTestFinished(async () => {
      await hostSays(peer, mends)
      // The peer's prober takes a while to see it.
      await vi.waitFor(() => guard(holder, peer), SOON)
    })
    await hostSays(peer, breaks)
    const error = await failureOf(guard(holder, peer))
    expect(error).toMatchObject({ code: 'PEER_UNFIT', host: holder })
    expect(error.frame).toMatch(why)
    // What the standby lacks is no reason to leave it as it is.
    expect(await guard(peer, holder)).toBe(`${holder} holds ${lab.virtualIp}`)
  })

  it('keeps the holder from being changed while its peer serves another release', async () => {
    const error = await failureOf(guard(holder, peer, ['v999.8', 'v999.9']))
    expect(error.frame).toBe(`${peer}: it serves ${release}, not v999.8 or v999.9`)
  })

  it('names a split brain', async () => {
    const address = `${lab.virtualIp}/24 dev eth0`
    onTestFinished(() => hostSays(peer, `ip addr del ${address}`).then(() => undefined))
    await hostSays(peer, `ip addr add ${address}`)
    const error = await failureOf(guard(peer, holder))
    expect(error.code).toBe('PEER_UNFIT')
    expect(error.message).toContain('split brain')
  })
})
