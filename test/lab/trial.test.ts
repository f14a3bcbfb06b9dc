import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '../../src/facts/fact.js'
import { releaseStore } from '../../src/facts/release-store.js'
import { containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { STATE } from '../../src/model/state-paths.js'
import { confirmScript } from '../../src/release/confirm.js'
import { handOver } from '../../src/release/hand-over.js'
import { publishRelease, PUBLISH_STATUS } from '../../src/release/publish.js'
import { REVERT_UNIT } from '../../src/render/revert-unit.js'

import { sh } from '../../src/shell/script.js'
import { backendRequest, gatewayRequest } from './fixtures/client.js'
import { deployLab } from './fixtures/gateway.js'
import { type HostResult, hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { holders, settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'

/** A release on trial on a real host: what systemd, NGINX and a boot make of it. No gw runs meanwhile. */

const RUN = '0123abcd'
const NAME = 'v999.1'
const TRIAL = { name: NAME, run: RUN, paths: STATE }
const RELEASE = `${STATE.releases}/${NAME}`
/** A port that only the release on trial listens on. */
const PORT = 8099

let host: GatewayName
let before: string

beforeAll(deployLab)

beforeEach(async () => {
  host = (await settledPair()).peer
  before = await currentOf(host)
  await hostSays(
    host,
    `cp -a "$(readlink -f ${STATE.current})" ${RELEASE}
    sed -i '/^http {/a server { listen ${PORT}; location / { return 200 ${NAME}; } }' ${RELEASE}/nginx/nginx.conf`,
  )
})

afterEach(async () => {
  await hostSays(
    host,
    `[ ! -d ${STATE.trial} ] || sh ${STATE.trial}/revert gw
    rm -rf -- ${RELEASE} ${STATE.lock} ${STATE.previous} ${STATE.reverted} ${STATE.confirmed}/${NAME}`,
  )
})

afterAll(deployLab)

const currentOf = async (name: GatewayName) => (await hostSays(name, `readlink ${STATE.current}`)).trim()

async function storeOf(name: GatewayName): Promise<ReleaseStore> {
  const questions = [{ paths: STATE }]
  const [store] = releaseStore.parse(await hostSays(name, releaseStore.script(questions).text), questions)
  if (store === undefined) throw new Error('no answer')
  return store
}

/** Publishes the release; the lease begins with it. */
async function publish(leaseSeconds: number): Promise<HostResult & { readonly ms: number }> {
  const store = await storeOf(host)
  const decision = publishRelease({
    ...TRIAL,
    leaseSeconds,
    store: ask(releaseStore, { paths: STATE }),
  }).decide(
    { to: ({ fact }) => (fact.name === 'release-store' ? store : { type: 'link', target: before }) as never },
    { changes: () => false },
  )
  if (decision.kind !== 'change') throw new Error(`nothing to publish: ${decision.reason}`)
  const timed = `date +%s%N; (${decision.script.text}\n); status=$?; date +%s%N; exit $status`
  const result = await onHost(host, timed)
  const times = result.stdout.match(/^\d{19}$/gm)?.map(Number) ?? []
  return { ...result, ms: ((times[1] ?? 0) - (times[0] ?? 0)) / 1e6 }
}

/** What the port of the release on trial answers; null when nobody listens. */
async function served(): Promise<string | null> {
  try {
    return (await backendRequest(host, PORT, '/')).body
  } catch {
    return null
  }
}

const timers = () => hostSays(host, `systemctl list-units --all --plain --no-legend 'gw-watchdog-*'`)
const workers = () => hostSays(host, `pgrep -xf 'nginx: worker process'`)

/** The host serves what it served, and nothing of the trial is left. */
async function expectTakenBack(by: string): Promise<void> {
  await expect.poll(async () => (await storeOf(host)).trial, { timeout: 30_000 }).toBeNull()
  expect((await storeOf(host)).reverted).toMatchObject({ run: RUN, release: NAME, by })
  expect(await currentOf(host)).toBe(before)
  await expect.poll(served, SOON).toBeNull()
  expect((await gatewayRequest({ path: '/health', node: host })).status).toBe(200)
  await expect.poll(timers, SOON).toBe('')
}

describe('a release on trial', () => {
  it('is served at once, and stays when it is confirmed', async () => {
    const published = await publish(30)

    expect(published).toMatchObject({ status: 0, stderr: '' })
    expect(published.ms).toBeLessThan(5000)
    expect(await served()).toBe(NAME)
    expect(await timers()).toContain(`gw-watchdog-${RUN}.timer`)

    expect(await onHost(host, confirmScript({ ...TRIAL, removal: sh`:` }).text)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect(await storeOf(host)).toMatchObject({ current: NAME, trial: null, reverted: null })
    expect((await hostSays(host, `readlink ${STATE.previous}`)).trim()).toBe(before)
    expect(await timers()).toBe('')
    expect(await served()).toBe(NAME)
    await hostSays(host, `ln -sfn '${before}' ${STATE.current} && systemctl reload nginx`)
  })

  it('is taken back by the host itself when its lease is over', async () => {
    await publish(2)
    const onTrial = await workers()
    expect(await served()).toBe(NAME)

    await expectTakenBack('watchdog')

    for (const worker of onTrial.trim().split('\n'))
      expect(await workers()).not.toMatch(new RegExp(`^${worker}$`, 'm'))
    expect(await hostSays(host, `tail -n 1 /var/log/gw/audit.jsonl`)).toContain('"by":"watchdog"')
  })

  it('is tried to be taken back until NGINX has followed', async () => {
    const unit = `gw-watchdog-${RUN}.service`
    const folder = '/etc/systemd/system/nginx.service.d'
    const broken = `${folder}/zz-broken.conf`
    await hostSays(
      host,
      `mkdir -p ${folder}; printf '[Service]\\nExecReload=\\nExecReload=/bin/false\\n' >${broken}; systemctl daemon-reload`,
    )
    try {
      expect((await publish(1)).stdout).toContain('NGINX did not go back to it')
      const restarts = async () => Number(await hostSays(host, `systemctl show -P NRestarts ${unit}`))
      await expect.poll(restarts, { timeout: 20_000 }).toBeGreaterThan(1)
      expect((await storeOf(host)).trial).toMatchObject({ run: RUN })
    } finally {
      await hostSays(host, `rm ${broken}; systemctl daemon-reload`)
    }

    await expectTakenBack('watchdog')
  })

  it('stays for as long as the lease is renewed', async () => {
    const now = Number(await hostSays(host, 'cut -d . -f 1 /proc/uptime'))
    const deadline = now + 6
    await hostSays(
      host,
      `mkdir -p ${STATE.lock} && echo "1 ${deadline} $(cat /proc/sys/kernel/random/boot_id) ${RUN}" >${STATE.lock}/lease`,
    )
    await publish(1)
    // The timer has gone off, and what it started waits.
    await expect
      .poll(() => hostSays(host, `systemctl is-active gw-watchdog-${RUN}.service || :`), SOON)
      .toBe('active\n')
    expect(await served()).toBe(NAME)

    await expectTakenBack('watchdog')

    expect(Number(await hostSays(host, 'cut -d . -f 1 /proc/uptime'))).toBeGreaterThanOrEqual(deadline)
  })

  it('is not what a host serves that boots before it was confirmed', async () => {
    expect(await hostSays(host, `systemctl is-enabled ${REVERT_UNIT}`)).toBe('enabled\n')
    await publish(600)
    expect(await served()).toBe(NAME)

    await docker(['restart', '--time', '0', containerName(ownLab().name, host)])
    await expect
      .poll(async () => (await onHost(host, 'systemctl is-system-running --wait')).stdout, {
        timeout: 60_000,
      })
      .toMatch(/running|degraded/)

    await expectTakenBack('boot')
    await settledPair()
  })

  it('is taken back at once when NGINX refuses it only as it reloads', async () => {
    await hostSays(
      host,
      `sed -i 's/listen ${PORT};/listen 127.0.0.1:${PORT};/' ${RELEASE}/nginx/nginx.conf
      systemd-run --quiet --collect --unit=gw-test-port perl -MIO::Socket::INET -e \
        '@s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:${PORT}", Listen => 1); sleep 600'`,
    )
    const listens = `ss -ltn | grep -c 127.0.0.1:${PORT} || :`
    await expect.poll(() => hostSays(host, listens), SOON).toBe('1\n')

    const published = await publish(30)
    await hostSays(host, 'systemctl stop gw-test-port')

    expect(published.status).toBe(PUBLISH_STATUS.notEffective)
    expect(published.stdout).toContain('NGINX did not take the files')
    expect(published.stdout).toMatch(new RegExp(`\\[emerg\\].*127\\.0\\.0\\.1:${PORT} failed`))
    expect(published.ms).toBeLessThan(20_000)
    await expectTakenBack('gw')
    expect(await hostSays(host, 'nginx -t -q 2>&1')).toBe('')
  })
})

describe('handing the virtual IP over', () => {
  it('moves it to the peer while NGINX serves on, and does nothing on the peer', async () => {
    const { holder, peer } = await settledPair()
    const script = handOver(ownLab().virtualIp).text

    expect(await hostSays(peer, script)).toBe('')
    expect(await holders()).toEqual([holder])
    expect(await hostSays(holder, script)).toBe('')

    await expect.poll(holders, SOON).toEqual([peer])
    expect((await gatewayRequest({ path: '/health', node: holder })).status).toBe(200)
    await hostSays(holder, 'systemctl restart nginx')
    expect(await settledPair()).toEqual({ holder: peer, peer: holder })
  })

  it('fails where keepalived does not give it away, with everything as it was', async () => {
    const { holder } = await settledPair()
    await hostSays(holder, 'systemctl kill --signal=STOP keepalived')
    try {
      const refused = await onHost(holder, `set -eu; ${handOver(ownLab().virtualIp).text}`)
      expect(refused.status).toBe(1)
      expect(refused.stdout).toContain('did not give')
      expect((await hostSays(holder, 'cat /run/gw/nginx.state')).trim()).toBe('0')
    } finally {
      await hostSays(holder, 'systemctl kill --signal=CONT keepalived')
    }
    await settledPair()
  })
})
