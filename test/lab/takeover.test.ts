import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gatewayRequest } from './fixtures/client.js'
import { deployLab } from './fixtures/gateway.js'
import { killWhole } from './fixtures/health-hosts.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import {
  expectStays,
  GATEWAYS,
  holders,
  property,
  records,
  settledPair,
  SOON,
  stateFile,
  type GatewayName,
} from './fixtures/vrrp.js'

/** Who holds the virtual IP when NGINX or keepalived ends on the holder, one way or another; what the hosts say of it. */

const CONFIGURATION = '/var/lib/gw/current/nginx/nginx.conf'
/** Where a test that breaks the configuration keeps the right one; what it leaves there is put back. */
const KEPT = '/tmp/gw-test-nginx.conf'

let holder: GatewayName
let peer: GatewayName
let written: Awaited<ReturnType<typeof records>>

beforeAll(deployLab)

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
  written = await records()
})

afterEach(async () => {
  const mend = `[ ! -e ${KEPT} ] || mv ${KEPT} ${CONFIGURATION}`
  await Promise.all(GATEWAYS.map((host) => hostSays(host, `${mend}; systemctl start nginx keepalived`)))
  await settledPair()
})

afterAll(deployLab)

/** The peer has the address, answers there, and wrote down that it took it, once. */
async function expectTakenOver(): Promise<void> {
  await expect.poll(holders, SOON).toEqual([peer])
  expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
  await expect.poll(() => written[peer].states(), SOON).toEqual(['MASTER'])
}

/** The host that had the address serves again, and is content to stand by. */
async function expectStandsBy(): Promise<void> {
  await expect.poll(() => written[holder].states(), SOON).toEqual(['FAULT', 'BACKUP'])
  expect(await stateFile(holder)).toBe('0')
  await expectStays(peer)
  expect(await written[holder].states()).toEqual(['FAULT', 'BACKUP'])
  expect(await written[peer].states()).toEqual(['MASTER'])
  expect((await gatewayRequest({ path: '/health', node: holder })).status).toBe(200)
}

describe('NGINX stopped on purpose on the holder', () => {
  it('moves the address, stays stopped, and is told by both hosts', async () => {
    const started = await property(holder, 'nginx', 'ExecMainStartTimestampMonotonic')
    await hostSays(holder, 'systemctl stop nginx')
    await expectTakenOver()
    await expectStays(peer)
    expect(await property(holder, 'nginx', 'ActiveState')).toBe('inactive')
    expect(await property(holder, 'nginx', 'ExecMainStartTimestampMonotonic')).toBe(started)
    expect(await stateFile(holder)).toBe('1')

    const [fault] = await written[holder].changes()
    const [takeover] = await written[peer].changes()
    expect(fault).toMatchObject({ host: holder, event: 'vrrp', instance: 'gateway', state: 'FAULT' })
    expect(fault?.nginx).not.toBe('active')
    expect(takeover).toMatchObject({ host: peer, state: 'MASTER', nginx: 'active' })
    await expect.poll(() => written[holder].syslog(), SOON).toHaveLength(1)
    expect((await written[holder].syslog())[0]).toMatch(
      /VRRP instance gateway is FAULT \(priority \d+, nginx \w+\)$/,
    )
    expect((await written[peer].syslog())[0]).toMatch(/VRRP instance gateway is MASTER \(.*nginx active\)$/)
    const warnings = await hostSays(holder, 'journalctl -q -o cat -t gw-vrrp -p warning --since=-1min')
    expect(warnings).toContain('is FAULT')

    await hostSays(holder, 'systemctl start nginx')
    await expectStandsBy()
  })

  it('keeps its audit file to root and its group', async () => {
    const modes = await hostSays(holder, 'stat -c %a:%U:%G /var/log/gw /var/log/gw/audit.jsonl')
    expect(modes).toBe('755:root:root\n640:root:root\n')
  })

  it('stays stopped as well when its own command stopped it', async () => {
    await hostSays(holder, 'nginx -s quit')
    await expectTakenOver()
    await expectStays(peer)
    expect(await property(holder, 'nginx', 'ActiveState')).toBe('inactive')
    expect(await stateFile(holder)).toBe('1')
    await hostSays(holder, 'systemctl start nginx')
    await expectStandsBy()
  })
})

describe('NGINX killed on the holder', () => {
  it.each([
    ['its master', 'kill -KILL "$(cat /run/nginx.pid)"'],
    ['all of its processes', killWhole('nginx')],
  ])('is started again by systemd, and the address does not move back: %s', async (_title, kill) => {
    const before = await property(holder, 'nginx', 'MainPID')
    await hostSays(holder, kill)
    await expectTakenOver()
    await expect.poll(() => property(holder, 'nginx', 'ActiveState'), SOON).toBe('active')
    expect(await property(holder, 'nginx', 'MainPID')).not.toBe(before)
    await expectStandsBy()
  })

  it('keeps the address when only a worker was killed, which the master replaces', async () => {
    const before = await property(holder, 'nginx', 'MainPID')
    await hostSays(holder, `kill -KILL $(cat /proc/${before}/task/${before}/children)`)
    await expectStays(holder)
    expect(await property(holder, 'nginx', 'MainPID')).toBe(before)
    expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
    expect(await written[holder].states()).toEqual([])
  })

  it('is tried again for as long as it cannot start, and stands by as soon as it can', async () => {
    await hostSays(holder, `cp -p ${CONFIGURATION} ${KEPT} && echo 'mistake;' >>${CONFIGURATION}`)
    await hostSays(holder, 'kill -KILL "$(cat /run/nginx.pid)"')
    await expectTakenOver()
    const tries = async (): Promise<number> => Number(await property(holder, 'nginx', 'NRestarts'))
    await expect.poll(tries, SOON).toBeGreaterThan(2)
    expect(await stateFile(holder)).toBe('1')
    expect(await written[holder].states()).toEqual(['FAULT'])
    await hostSays(holder, `mv ${KEPT} ${CONFIGURATION}`)
    await expect.poll(() => property(holder, 'nginx', 'ActiveState'), SOON).toBe('active')
    await expectStandsBy()
  })

  it('stays stopped when it is stopped between two tries', async () => {
    await hostSays(holder, 'kill -KILL "$(cat /run/nginx.pid)"; systemctl stop nginx')
    await expectTakenOver()
    await expectStays(peer)
    expect(await property(holder, 'nginx', 'ActiveState')).toMatch(/^(inactive|failed)$/)
    expect(await stateFile(holder)).toBe('1')
  })
})

describe('NGINX reloaded or restarted on the holder', () => {
  it('keeps the address through a reload, also one of a configuration with a mistake', async () => {
    await hostSays(holder, 'systemctl reload nginx')
    await hostSays(holder, `cp -p ${CONFIGURATION} ${KEPT} && echo 'mistake;' >>${CONFIGURATION}`)
    await hostSays(holder, '! systemctl reload nginx 2>/dev/null')
    await hostSays(holder, `mv ${KEPT} ${CONFIGURATION}`)
    await expectStays(holder)
    expect(await stateFile(holder)).toBe('0')
    expect(await written[holder].states()).toEqual([])
  })

  it('gives the address away at a restart, and stands by after it', async () => {
    await hostSays(holder, 'systemctl restart nginx')
    await expectTakenOver()
    await expectStandsBy()
  })
})

describe('keepalived stopped on the holder', () => {
  it('gives the address away at once, and does not take it back when it starts', async () => {
    await hostSays(holder, 'systemctl stop keepalived')
    await expectTakenOver()
    await expect.poll(() => written[holder].states(), SOON).toEqual(['STOP'])
    await hostSays(holder, 'systemctl start keepalived')
    await expect.poll(() => written[holder].states(), SOON).toEqual(['STOP', 'BACKUP'])
    await expectStays(peer)
  })
})

describe('keepalived killed on the holder', () => {
  it('is started again by systemd, so that the address it left behind is on one host only', async () => {
    const started = await property(holder, 'keepalived', 'ExecMainStartTimestampMonotonic')
    await hostSays(holder, killWhole('keepalived'))
    await expect
      .poll(() => property(holder, 'keepalived', 'ExecMainStartTimestampMonotonic'), SOON)
      .not.toBe(started)
    await expect.poll(() => property(holder, 'keepalived', 'ActiveState'), SOON).toBe('active')
    // Until one of them says so, the address may still be the one that was left behind.
    const said = () => Promise.all(GATEWAYS.map((host) => written[host].states()))
    await expect.poll(async () => (await said()).flat(), SOON).toContain('MASTER')
    await expect.poll(async () => (await holders()).length, SOON).toBe(1)
    await expectStays((await settledPair()).holder)
    expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
  })
})

describe('NGINX stopped on both hosts', () => {
  it('leaves the address with nobody, until one of them serves', async () => {
    await Promise.all(GATEWAYS.map((host) => hostSays(host, 'systemctl stop nginx')))
    await expect.poll(holders, SOON).toEqual([])
    await hostSays(peer, 'systemctl start nginx')
    await expect.poll(holders, SOON).toEqual([peer])
    expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
    expect(await hostSays(peer, `ip -o addr show | grep -cF ' ${ownLab().virtualIp}/'`)).toBe('1\n')
  })
})
