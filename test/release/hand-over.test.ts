import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handOver, passOn } from '../../src/release/hand-over.js'
import type { Script } from '../../src/shell/script.js'

const VIP = '10.0.1.100'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gw-hand-over-'))
  writeFileSync(join(dir, 'nginx.state'), '0\n')
  writeFileSync(join(dir, 'liveness.state'), '0\n')
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

/**
 * A host that still has the address for so many looks, each of which is written down with the states. `steps` are all that it
 * does, nftables with its words; `nft` is how that one ends.
 */
function run(script: Script, looks: number, nft = 0) {
  const step = `#!/bin/sh\necho "$(basename "$0")\${1:+ $*}" >>${dir}/steps\n`
  const ip = `${step}
echo "$(cat ${dir}/nginx.state) $(cat ${dir}/liveness.state)" >>${dir}/looks
echo '2: eth0 inet 10.0.1.101/24 scope global eth0'
if [ "$(wc -l <${dir}/looks)" -le ${looks} ]; then echo '2: eth0 inet ${VIP}/24 scope global secondary eth0'; fi
`
  for (const [name, text] of [
    ['ip', ip],
    ['sleep', step],
    ['nft', `${step}echo 'as nftables complains' >&2\nexit ${nft}\n`],
  ] as const) {
    writeFileSync(join(dir, name), text)
    chmodSync(join(dir, name), 0o755)
  }
  const text = `set -eu\n${script.text.replaceAll('/run/gw/', `${dir}/`)}`
  const env = { ...process.env, PATH: `${dir}:${process.env['PATH'] ?? ''}` }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', text], { encoding: 'utf8', env })
  const states = ['nginx', 'liveness'].map((name) => readFileSync(join(dir, `${name}.state`), 'utf8').trim())
  const [seen, steps] = ['looks', 'steps'].map((name) =>
    readFileSync(join(dir, name), 'utf8').trim().split('\n'),
  )
  return { status, stdout, stderr, states, looks: seen, steps }
}

const LOOK = 'ip -o addr show'
const HOLD_OFF = [
  'nft table inet gw_handover; delete table inet gw_handover; table inet gw_handover { ' +
    'set held { type ipv4_addr; flags timeout; }; ' +
    'chain input { type filter hook input priority -150; tcp flags & (syn | ack) == syn ip daddr @held drop; }; }',
  `nft add element inet gw_handover held { ${VIP} timeout 1s }`,
]
const LET_IN = 'nft delete table inet gw_handover'

describe('the script that has a host give the virtual IP away', () => {
  it('tells keepalived until it is gone, and then that the host stands by', () => {
    expect(run(passOn(VIP), 3)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
      states: ['0', '0'],
      looks: ['0 0', '0 2', '0 2', '0 2'],
    })
  })

  it.each([
    ['passOn', passOn(VIP)],
    ['handOver', handOver(VIP)],
  ])('lets no new connection in from shortly before until it is gone: %s', (_name, script) => {
    const { steps } = run(script, 2)
    expect(steps).toEqual([LOOK, ...HOLD_OFF, 'sleep 0.01', LOOK, 'sleep 0.05', LOOK, LET_IN])
  })

  it('holds new connections to an address of IPv6 off by that', () => {
    const { text } = passOn('fd00::100')
    expect(text).toContain('set held { type ipv6_addr; flags timeout; }')
    expect(text).toContain('== syn ip6 daddr @held drop')
    expect(text).toContain('held { fd00::100 timeout 1s }')
  })

  it('does all the same, and waits for nothing, where nftables is not to be had', () => {
    const told = run(passOn(VIP), 1, 1)
    expect(told).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
      states: ['0', '0'],
      looks: ['0 0', '0 2'],
    })
    expect(told.steps).toEqual([LOOK, HOLD_OFF[0], LOOK, LET_IN])
  })

  it('leaves it told where NGINX is to stop', () => {
    expect(run(handOver(VIP), 2)).toMatchObject({ status: 0, states: ['1', '0'] })
  })

  it('does nothing where it is not', () => {
    expect(run(passOn(VIP), 0)).toMatchObject({ status: 0, states: ['0', '0'], steps: [LOOK] })
    rmSync(join(dir, 'looks'))
    expect(run(handOver(VIP), 0)).toMatchObject({ status: 0, states: ['0', '0'] })
  })

  it.each([
    ['passOn', passOn(VIP)],
    ['handOver', handOver(VIP)],
  ])('gives up after 5 s, with the state as it was: %s', (_name, script) => {
    const { status, stdout, states, steps } = run(script, 1000)
    expect([status, states, steps?.at(-1)]).toEqual([1, ['0', '0'], LET_IN])
    expect(stdout).toBe(`keepalived did not give ${VIP} away within 5 seconds\n`)
  })

  it('fails where keepalived cannot be told', () => {
    rmSync(join(dir, 'liveness.state'))
    spawnSync('mkdir', [join(dir, 'liveness.state')])
    const text = passOn(VIP).text.replaceAll('/run/gw/', `${dir}/`)
    const others = `ip() { echo '2: eth0 inet ${VIP}/24'; }\nnft() { :; }`
    expect(spawnSync('sh', ['-c', `set -eu\n${others}\n${text}`]).status).not.toBe(0)
  })
})
