import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { backendRequest, gatewayRequest } from './fixtures/client.js'
import { ADMINS, CUSTOMERS, deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import {
  expectStays,
  GATEWAYS,
  holders,
  property,
  records,
  settledPair,
  SOON,
  type GatewayName,
} from './fixtures/vrrp.js'

/** Who holds the virtual IP when NGINX hangs on the holder, and when the prober does that would tell. */

const PROBER = 'gw-liveness.service'
const STATE = '/run/gw/liveness.state'
/** Makes NGINX's processes the words of a script, the master first. */
const NGINX = 'master=$(cat /run/nginx.pid); set -- $master $(cat /proc/$master/task/$master/children)'

let holder: GatewayName
let peer: GatewayName
let written: Awaited<ReturnType<typeof records>>

beforeAll(deployLab)

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
  written = await records()
})

afterEach(async () => {
  await Promise.all(
    GATEWAYS.map((host) => hostSays(host, `${NGINX}; kill -CONT "$@"; systemctl start ${PROBER}`)),
  )
  for (const host of GATEWAYS) await expectLiveness(host, '0')
  await settledPair()
})

afterAll(deployLab)

async function liveness(host: GatewayName): Promise<string> {
  return (await hostSays(host, `cat ${STATE}`)).trim()
}

async function expectLiveness(host: GatewayName, state: '0' | '1'): Promise<void> {
  await expect.poll(() => liveness(host), SOON).toBe(state)
}

/** The address did not move, and keepalived saw nothing that it would have to write down. */
async function expectNothingHappened(): Promise<void> {
  await expectStays(holder)
  for (const host of GATEWAYS) expect(await written[host].states()).toEqual([])
  expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
}

function answers(host: string, port: number): Promise<boolean> {
  return backendRequest(host, port, '/health').then(
    ({ status }) => status === 200,
    () => false,
  )
}

/** Whether the prober was started anew since it had this process. */
async function expectReplaced(before: string): Promise<void> {
  await expect.poll(() => property(holder, PROBER, 'MainPID'), SOON).not.toMatch(`^(0|${before})$`)
  await expect.poll(() => property(holder, PROBER, 'ActiveState'), SOON).toBe('active')
}

describe('NGINX that hangs on the holder', () => {
  it('loses the address, and does not get it back when it goes on', async () => {
    await hostSays(holder, `${NGINX}; kill -STOP "$@"`)
    await expect.poll(holders, SOON).toEqual([peer])
    expect((await gatewayRequest({ path: '/health' })).json()).toMatchObject({ node: peer })
    expect(await liveness(holder)).toBe('1')
    expect(await property(holder, 'nginx', 'ActiveState')).toBe('active')
    const said = await hostSays(holder, `journalctl -q -o cat -p warning -u ${PROBER} -n 1`)
    expect(said).toBe('NGINX hangs: no answer within 200 ms, 2 times in a row\n')

    await hostSays(holder, `${NGINX}; kill -CONT "$@"`)
    await expectLiveness(holder, '0')
    await expectStays(peer)
    await expect.poll(() => written[holder].states(), SOON).toEqual(['FAULT', 'BACKUP'])
    expect(await written[peer].states()).toEqual(['MASTER'])
  })

  it('keeps the address while only one of its workers hangs, for the others serve', async () => {
    await hostSays(holder, `${NGINX}; kill -STOP "$2"`)
    // Longer than the prober would take to notice.
    await hostSays(holder, 'sleep 1')
    expect(await liveness(holder)).toBe('0')
    await expectNothingHappened()
  })
})

describe('the prober', () => {
  it('is started again when it was killed, and the address stays', async () => {
    const before = await property(holder, PROBER, 'MainPID')
    await hostSays(holder, `kill -KILL ${before}`)
    await expectReplaced(before)
    await expectNothingHappened()
  })

  it('is replaced when it hangs itself, and the address stays', async () => {
    const before = await property(holder, PROBER, 'MainPID')
    await hostSays(holder, `kill -STOP ${before}`)
    await expectReplaced(before)
    expect(await liveness(holder)).toBe('0')
    await expectNothingHappened()
  })

  it('leaves no opinion behind when it is stopped', async () => {
    await hostSays(holder, `${NGINX}; kill -STOP "$@"`)
    await expectLiveness(holder, '1')
    await hostSays(holder, `systemctl stop ${PROBER}`)
    expect(await liveness(holder)).toBe('0')
  })

  it('does not look at backends: all of them down, and the address stays', async () => {
    const backends = [...ADMINS, ...CUSTOMERS]
    await Promise.all(backends.map((host) => hostSays(host, 'systemctl stop backend')))
    try {
      expect((await gatewayRequest({ path: '/api/v1/none' })).status).toBe(503)
      await expectNothingHappened()
      expect(await Promise.all(GATEWAYS.map(liveness))).toEqual(['0', '0'])
    } finally {
      await Promise.all(backends.map((host) => hostSays(host, 'systemctl start backend')))
      for (const host of ADMINS) await expect.poll(() => answers(host, 3000), SOON).toBe(true)
      for (const host of CUSTOMERS) await expect.poll(() => answers(host, 3001), SOON).toBe(true)
    }
  })

  it('has no opinion of a configuration without its listener', async () => {
    const site = '/etc/nginx/gw/sites/*.conf'
    await hostSays(holder, `sed -i 's/127.0.0.1:8079/127.0.0.1:8078/' ${site} && systemctl reload nginx`)
    await expect.poll(() => hostSays(holder, "ss -Htln 'sport = :8079'"), SOON).toBe('')
    await expectNothingHappened()
    expect(await liveness(holder)).toBe('0')
    await hostSays(holder, `sed -i 's/127.0.0.1:8078/127.0.0.1:8079/' ${site} && systemctl reload nginx`)
  })

  it('is a small process, in a unit that systemd finds nothing wrong with', async () => {
    const pid = await property(holder, PROBER, 'MainPID')
    const resident = await hostSays(holder, `awk '/^VmRSS/ { print $2 }' /proc/${pid}/status`)
    expect(Number(resident)).toBeLessThan(5000)
    expect(await hostSays(holder, `systemd-analyze verify --man=no ${PROBER} 2>&1`)).toBe('')
  })
})
