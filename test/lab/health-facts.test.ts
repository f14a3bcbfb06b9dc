import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configurationCheck } from '../../src/facts/configuration-check.js'
import type { Fact } from '../../src/facts/fact.js'
import { listeners } from '../../src/facts/listeners.js'
import { liveTexts } from '../../src/facts/live-texts.js'
import { nginxProcesses } from '../../src/facts/nginx-processes.js'
import { nodeName } from '../../src/facts/node-name.js'
import { vrrpState } from '../../src/facts/vrrp-state.js'
import { quote } from '../../src/shell/quote.js'
import { deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { GATEWAYS, property, settledPair, SOON, type GatewayName } from './fixtures/vrrp.js'

/** What a gateway answers about itself when its health is judged: by the real programs, well and not. */

let holder: GatewayName
let peer: GatewayName

beforeAll(deployLab)

beforeEach(async () => {
  ;({ holder, peer } = await settledPair())
})

afterAll(settledPair)

const PROCESSES = { pidFile: '/run/nginx.pid', configuration: '/etc/nginx/nginx.conf' }
const CHECK = {
  current: '/var/lib/gw/current',
  links: ['/etc/nginx/nginx.conf', '/etc/nginx/gw'],
  nginxConfiguration: '/etc/nginx/nginx.conf',
  keepalivedConfiguration: '/etc/keepalived/keepalived.conf',
  errorLog: '/var/log/nginx/error.log',
}

/** Asks one question as a run does, after `before` and with what that left running. */
async function answer<Argument, Answer>(
  host: string,
  fact: Fact<Argument, Answer>,
  argument: Argument,
  before = ':',
  shell = 'sh',
): Promise<Answer> {
  const script = `export LC_ALL=C\n${before}\n(\n${fact.script([argument]).text}\n) 2>/dev/null`
  const [found] = fact.parse(await hostSays(host, `exec ${shell} -c ${quote(script)}`), [argument])
  if (found === undefined) throw new Error(`no answer about ${fact.name}`)
  return found
}

describe('a gateway that is well', () => {
  it.each(GATEWAYS)('says so: %s', async (host) => {
    const found = await answer(host, nginxProcesses, PROCESSES)
    const master = Number(await property(host, 'nginx', 'MainPID'))
    expect(found).toMatchObject({ pidFile: master, workerProcesses: 'auto' })
    expect(found.processes).toContainEqual(
      expect.objectContaining({ pid: master, parent: 1, role: 'master' }),
    )
    const workers = found.processes.filter(({ role, parent }) => role === 'worker' && parent === master)
    expect(workers).toHaveLength(found.processors)

    const { newest, ...tests } = await answer(host, configurationCheck, CHECK)
    expect(tests).toMatchObject({
      nginx: { passed: true, output: '' },
      keepalived: { passed: true, output: '' },
    })
    expect(newest?.path).toMatch(/^\/(var\/lib\/gw\/current|etc\/nginx)\//)

    const listening = await answer(host, listeners, { ports: [80, 443] })
    // What was dropped before, since the host booted, is another test's business.
    const none = { queued: 0, dropped: expect.any(Number) as number, droppedNow: 0, programs: ['nginx'] }
    expect(listening.map(({ port }) => port).toSorted()).toEqual([443, 80])
    for (const listener of listening) expect(listener).toMatchObject({ address: '0.0.0.0', ...none })

    expect(await answer(host, nodeName, {})).toBe(host)
  })

  it('has ages that a clock agrees with', async () => {
    const { processes } = await answer(peer, nginxProcesses, PROCESSES, 'systemctl restart nginx')
    for (const { ageSeconds } of processes) expect(ageSeconds).toBeLessThan(10)
    const { newest } = await answer(
      peer,
      configurationCheck,
      CHECK,
      'touch /etc/nginx/gw/pools/customer.conf',
    )
    expect(newest?.path).toBe('/var/lib/gw/current/nginx/gw/pools/customer.conf')
    expect(newest?.ageSeconds).toBeLessThan(10)
  })

  it('shows its pools and certificates, and not the keys beside them', async () => {
    const question = {
      root: '/var/lib/gw/current',
      folders: ['nginx/gw/pools', 'nginx/gw/tls'],
      suffixes: ['.conf', '.crt'],
    }
    const texts = await answer(holder, liveTexts, question)
    expect(await hostSays(holder, 'ls /etc/nginx/gw/tls')).toContain('.key')
    expect(texts.map(({ path }) => path)).toContain('nginx/gw/pools/customer.conf')
    expect(texts.map(({ path }) => path.slice(-4)).filter((end) => end !== 'conf')).toContain('.crt')
    for (const { text } of texts) expect(text).toMatch(/^upstream |-----BEGIN CERTIFICATE/m)
    expect(JSON.stringify(texts)).not.toContain('PRIVATE KEY')
  })

  it('is MASTER on one host and BACKUP on the other, however often it is asked', async () => {
    const before = await property(peer, 'keepalived', 'MainPID')
    for (let count = 0; count < 5; count += 1) {
      const [one, other] = await Promise.all([
        answer(holder, vrrpState, {}),
        answer(peer, vrrpState, {}, `kill -HUP ${before}`),
      ])
      expect(one).toMatchObject({ instances: [{ name: 'gateway', state: 'MASTER', interface: 'eth0' }] })
      expect(other).toMatchObject({ instances: [{ name: 'gateway', state: 'BACKUP', interface: 'eth0' }] })
    }
    expect(await property(peer, 'keepalived', 'MainPID')).toBe(before)
  })
})

describe('a gateway that is not well', () => {
  it('shows workers that finish what they have', async () => {
    // Half a request holds its worker. The brackets keep grep from finding itself.
    const script = `
      exec 3<>/dev/tcp/127.0.0.1/80
      printf 'GET / HTTP/1.1\\r\\n' >&3
      systemctl reload nginx
      until grep -qas 'is shutting dow[n]' /proc/[0-9]*/cmdline; do :; done`
    const { processes } = await answer(peer, nginxProcesses, PROCESSES, script, 'bash')
    expect(processes.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['master', 'worker', 'draining']),
    )
  })

  it('shows a master that a signal holds', async () => {
    const master = await property(peer, 'nginx', 'MainPID')
    const { processes } = await answer(
      peer,
      nginxProcesses,
      PROCESSES,
      `trap 'kill -CONT ${master}' EXIT; kill -STOP ${master}`,
    )
    expect(processes.find(({ role }) => role === 'master')?.state).toBe('T')
  })

  it('shows connections that it drops', async () => {
    const script = `
      perl -MSocket -e '
        socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(9099, INADDR_LOOPBACK)); listen(S, 1);
        for (1..200) {
          socket(my $c, PF_INET, SOCK_STREAM, 0); fcntl($c, 4, 2048); connect($c, sockaddr_in(9099, INADDR_LOOPBACK));
          push @c, $c; select(undef, undef, undef, 0.005)
        }' &
      until ss -HOltnm 'sport = :9099' | grep -q ',d[1-9]'; do :; done`
    const [flooded] = await answer(peer, listeners, { ports: [9099] }, script)
    expect(flooded).toMatchObject({ address: '127.0.0.1', backlog: 1, queued: 2, programs: ['perl'] })
    expect(flooded?.droppedNow).toBeGreaterThan(0)
  })

  it('is in FAULT without NGINX, and keepalived that does not run tells nothing', async () => {
    await hostSays(peer, 'systemctl stop nginx')
    const state = () => answer(peer, vrrpState, {})
    await expect.poll(state, SOON).toMatchObject({ instances: [{ state: 'FAULT' }] })
    expect(await answer(peer, listeners, { ports: [80, 443] })).toEqual([])
    // A test of the configuration makes an empty one.
    await answer(peer, configurationCheck, CHECK)
    expect(await answer(peer, nginxProcesses, PROCESSES)).toMatchObject({ pidFile: null, processes: [] })
    await hostSays(peer, 'systemctl stop keepalived')
    expect(await state()).toBeNull()
    await hostSays(peer, 'systemctl start nginx keepalived')
  })

  it('shows a reload that NGINX refused', async () => {
    const file = '/etc/nginx/gw/pools/customer.conf'
    const master = await property(peer, 'nginx', 'MainPID')
    const script = `
      cp -p ${file} /tmp/gw-test-pool.conf
      trap 'mv /tmp/gw-test-pool.conf ${file}' EXIT
      echo 'httpx {}' >>${file}
      kill -HUP ${master}
      until tail -n 1 ${CHECK.errorLog} | grep -q httpx; do :; done`
    const { nginx, newest, emergency } = await answer(peer, configurationCheck, CHECK, script)
    expect(nginx).toMatchObject({ passed: false, output: expect.stringContaining('[emerg]') as string })
    expect(newest?.path).toBe('/var/lib/gw/current/nginx/gw/pools/customer.conf')
    expect(emergency?.text).toMatch(new RegExp(` \\[emerg\\] ${master}#.*unknown directive "httpx"`))
    expect(emergency?.ageSeconds).toBeLessThan(60)
  })
})
