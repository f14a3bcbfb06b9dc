import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { gatewayRequest } from './fixtures/client.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'
import { GATEWAYS, holders, settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'

/**
 * The takeover as most guides have it: a check that lowers the priority by 20, and `nopreempt` on both hosts. It never takes
 * place, since a backup with `nopreempt` does not answer a lower advert; ours does, on the same hosts.
 */

const { virtualIp } = ownLab()
const CONFIGURATION = '/var/lib/gw/current/keepalived/keepalived.conf'
const KEPT = '/root/gw-test-keepalived.conf'
const PRIORITIES = { 'gw-1': 100, 'gw-2': 90 } as const

/** The design's own figure, in milliseconds, and how long it is given: its check takes 4 s to fail, its adverts 3.6 s. */
const PROMISED_MS = 3000
const GIVEN_MS = 12_000

beforeAll(deployLab)

afterAll(async () => {
  await Promise.all(GATEWAYS.map(asOurs))
  await deployLab()
  await settledPair()
})

function design(host: GatewayName): string {
  return `vrrp_script check_nginx {
    script "/usr/bin/pgrep -x nginx"
    interval 2
    fall 2
    rise 2
    weight -20
}
vrrp_instance VI_1 {
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 51
    priority ${PRIORITIES[host]}
    advert_int 1
    virtual_ipaddress {
        ${virtualIp}/24 dev eth0
    }
    track_script {
        check_nginx
    }
}
`
}

async function asDesigned(host: GatewayName): Promise<void> {
  const replace = `cat >${KEPT}.new && mv ${CONFIGURATION} ${KEPT} && mv ${KEPT}.new ${CONFIGURATION}`
  await hostSays(host, `${replace} && systemctl restart keepalived`, design(host))
}

/** As it was: whatever a test left is put back. */
async function asOurs(host: GatewayName): Promise<void> {
  const mend = `if [ -e ${KEPT} ]; then mv ${KEPT} ${CONFIGURATION} && systemctl restart keepalived; fi`
  await hostSays(host, `systemctl start nginx && ${mend}`)
}

/** The holder of a pair whose check has found NGINX well on both, so that each has the priority that it is to have. */
async function settledDesign(cursors: Readonly<Record<GatewayName, string>>): Promise<GatewayName> {
  return vi.waitFor(async () => {
    const journals = await Promise.all(GATEWAYS.map((host) => journalOf(host, cursors[host])))
    for (const journal of journals) expect(journal).toContain('VRRP_Script(check_nginx) succeeded')
    const [holder, ...others] = await holders()
    if (holder === undefined || others.length > 0) throw new Error('there is not one holder yet')
    return holder
  }, SOON)
}

async function cursorsOf(): Promise<Readonly<Record<GatewayName, string>>> {
  return { 'gw-1': await cursorOf('gw-1'), 'gw-2': await cursorOf('gw-2') }
}

it('the design never moves the address when NGINX stops, and gw moves it at once', async () => {
  const cursors = await cursorsOf()
  await Promise.all(GATEWAYS.map(asDesigned))
  const holder = await settledDesign(cursors)
  expect((await gatewayRequest({ path: '/health' })).status).toBe(200)

  await hostSays(holder, 'systemctl stop nginx')
  for (const end = performance.now() + GIVEN_MS; performance.now() < end;)
    expect(await holders()).toEqual([holder])

  // It was noticed, and the priority lowered: to no avail.
  const lowered = `Changing effective priority from ${PRIORITIES[holder]} to ${PRIORITIES[holder] - 20}`
  expect(await journalOf(holder, cursors[holder])).toContain(lowered)
  await expect(gatewayRequest({ path: '/health' })).rejects.toThrow('ECONNREFUSED')

  await Promise.all(GATEWAYS.map(asOurs))
  const ours = await settledPair()
  await hostSays(ours.holder, 'systemctl stop nginx')
  await expect.poll(holders, { timeout: PROMISED_MS, interval: 10 }).toEqual([ours.peer])
  expect((await gatewayRequest({ path: '/health' })).status).toBe(200)
})
