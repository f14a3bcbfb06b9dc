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

/** A host that still has the address for so many looks, each of which is written down with the states. */
function run(script: Script, looks: number) {
  const ip = `#!/bin/sh
echo "$(cat ${dir}/nginx.state) $(cat ${dir}/liveness.state)" >>${dir}/looks
echo '2: eth0 inet 10.0.1.101/24 scope global eth0'
if [ "$(wc -l <${dir}/looks)" -le ${looks} ]; then echo '2: eth0 inet ${VIP}/24 scope global secondary eth0'; fi
`
  for (const [name, text] of [
    ['ip', ip],
    ['sleep', '#!/bin/sh\n'],
  ] as const) {
    writeFileSync(join(dir, name), text)
    chmodSync(join(dir, name), 0o755)
  }
  const text = `set -eu\n${script.text.replaceAll('/run/gw/', `${dir}/`)}`
  const env = { ...process.env, PATH: `${dir}:${process.env['PATH'] ?? ''}` }
  const { status, stdout } = spawnSync('sh', ['-c', text], { encoding: 'utf8', env })
  const states = ['nginx', 'liveness'].map((name) => readFileSync(join(dir, `${name}.state`), 'utf8').trim())
  return { status, stdout, states, looks: readFileSync(join(dir, 'looks'), 'utf8').trim().split('\n') }
}

describe('the script that has a host give the virtual IP away', () => {
  it('tells keepalived until it is gone, and then that the host stands by', () => {
    expect(run(passOn(VIP), 3)).toEqual({
      status: 0,
      stdout: '',
      states: ['0', '0'],
      looks: ['0 0', '0 2', '0 2', '0 2'],
    })
  })

  it('leaves it told where NGINX is to stop', () => {
    expect(run(handOver(VIP), 2)).toMatchObject({ status: 0, states: ['1', '0'] })
  })

  it('does nothing where it is not', () => {
    expect(run(passOn(VIP), 0)).toMatchObject({ status: 0, states: ['0', '0'], looks: ['0 0'] })
    rmSync(join(dir, 'looks'))
    expect(run(handOver(VIP), 0)).toMatchObject({ status: 0, states: ['0', '0'] })
  })

  it.each([
    ['passOn', passOn(VIP)],
    ['handOver', handOver(VIP)],
  ])('gives up after 5 s, with the state as it was: %s', (_name, script) => {
    const { status, stdout, states } = run(script, 1000)
    expect([status, states]).toEqual([1, ['0', '0']])
    expect(stdout).toBe(`keepalived did not give ${VIP} away within 5 seconds\n`)
  })

  it('fails where keepalived cannot be told', () => {
    rmSync(join(dir, 'liveness.state'))
    spawnSync('mkdir', [join(dir, 'liveness.state')])
    const text = passOn(VIP).text.replaceAll('/run/gw/', `${dir}/`)
    const ip = `ip() { echo '2: eth0 inet ${VIP}/24'; }`
    expect(spawnSync('sh', ['-c', `set -eu\n${ip}\n${text}`]).status).not.toBe(0)
  })
})
