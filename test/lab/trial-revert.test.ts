import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIRM_STATUS } from '../../src/release/confirm.js'
import { lines, sh } from '../../src/shell/script.js'
import { RUN, TrialGround } from '../release/trial-ground.js'

const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split('.')[0])
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

describe('a trial that nobody confirms', () => {
  let ground: TrialGround
  beforeEach(async () => {
    ground = new TrialGround()
    await ground.startUnits()
  })
  afterEach(() => {
    ground.remove()
  })

  /** Fulfils when somebody waits for what is at work. */
  const somebodyWaits = () => {
    const waiting = new RegExp(`-> FLOCK .*:${statSync(ground.paths.work).ino} `)
    return expect.poll(() => readFileSync('/proc/locks', 'utf8'), { timeout: 5000 }).toMatch(waiting)
  }

  const lease = (deadline: number, run = RUN, bootId = boot) => {
    mkdirSync(ground.paths.lock, { recursive: true })
    writeFileSync(`${ground.paths.lock}/lease`, `7 ${deadline} ${bootId} ${run}\n`)
  }

  it('is taken back, and written down', async () => {
    await ground.publish()

    expect(await ground.revert('watchdog')).toEqual({
      exitCode: 0,
      stdout: 'release v1.3 is taken back (watchdog), v1.2 is the current one\n',
      stderr: '',
    })

    const { reverted, previous } = await ground.expectSettled('v1.2')
    expect(reverted).toMatchObject({ run: RUN, release: 'v1.3', before: 'v1.2', by: 'watchdog' })
    expect(previous).toBeNull()
    expect(ground.calls()).toEqual([
      'reload nginx.service',
      'reload keepalived.service',
      'reload nginx.service',
      'reload keepalived.service',
      `stop gw-watchdog-${RUN}.timer`,
    ])
    expect(readFileSync(ground.auditFile, 'utf8')).toContain('"before":"v1.2","by":"watchdog"}\n')
  })

  it('is kept as long as the lease of its run lives', async () => {
    await ground.publish()
    const deadline = uptime() + 2
    lease(deadline)

    await ground.revert('watchdog')

    expect(uptime()).toBeGreaterThanOrEqual(deadline)
    await ground.expectSettled('v1.2')
  })

  it.each<[string, (far: number) => void]>([
    [
      'another run',
      (far) => {
        lease(far, 'ffffffff')
      },
    ],
    [
      'another boot',
      (far) => {
        lease(far, RUN, '00000000-0000-0000-0000-000000000000')
      },
    ],
    [
      'nobody who could be understood',
      (far) => {
        lease(far, 'x y')
        writeFileSync(`${ground.paths.lock}/lease`, 'x\n')
      },
    ],
  ])('is not kept by a lease of %s', async (_title, write) => {
    await ground.publish()
    write(uptime() + 3600)
    await ground.revert('watchdog')
    await ground.expectSettled('v1.2')
  })

  it('is left alone by a watchdog that waited until it was confirmed', async () => {
    await ground.publish()
    lease(uptime() + 3600)
    const watchdog = ground.revert('watchdog')
    await ground.confirm()
    expect(await watchdog).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    await ground.expectSettled('v1.3')
  })

  it('is left alone by the revert of another run', async () => {
    await ground.publish()
    writeFileSync(`${ground.paths.trial}/run`, 'ffffffff\n')
    expect(await ground.revert('takeover')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(await ground.store()).toMatchObject({ current: 'v1.3', trial: { run: 'ffffffff' } })
    expect(await ground.revertNow()).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect((await ground.store()).current).toBe('v1.3')
  })

  it('is taken back under the fence of whoever takes it back', async () => {
    await ground.publish()
    const work = ground.paths.work
    const ended = await ground.run(sh`exec 9>>${work}; flock 9; sh ${ground.paths.trial}/revert gw`)
    expect(ended).toMatchObject({ exitCode: 0 })
    await ground.expectSettled('v1.2')
  })

  it('is not taken back while a program that changes the host is at work', async () => {
    await ground.publish()
    const program = 'exec 9>>"$0"; flock 9; echo held; read -r end; readlink -- "$1"'
    const worker = spawn('/bin/sh', ['-c', program, ground.paths.work, ground.paths.current])
    const said: string[] = []
    worker.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text))
    const ended = once(worker, 'close')
    await expect.poll(() => said.join('')).toBe('held\n')

    const revert = ground.revert('watchdog')
    await somebodyWaits()
    worker.stdin.end('\n')
    await ended

    expect(said.join('')).toBe(`held\n${ground.paths.releases}/v1.3\n`)
    expect(await revert).toMatchObject({ exitCode: 0 })
    await ground.expectSettled('v1.2')
  })

  it('is taken back when the program that publishes it was still on its way', async () => {
    const hold = sh`exec 9>>${ground.paths.work}; flock 9; : >${ground.at('held')}
      until [ -e ${ground.at('go-on')} ]; do sleep 0.05; done`
    const orphan = ground.run(lines([hold, await ground.publishScript()]))
    await expect.poll(() => existsSync(ground.at('held'))).toBe(true)
    const tooSoon = await ground.revertNow(1)
    expect(tooSoon.exitCode).toBe(1)
    expect(tooSoon.stdout).toContain('still at work on the host after 1 s')

    const revert = ground.revertNow()
    await somebodyWaits()
    ground.mark('go-on')

    expect(await orphan).toMatchObject({ exitCode: 0 })
    expect((await revert).stdout).toContain('release v1.3 is taken back (gw)')
    await ground.expectSettled('v1.2')
  })

  it('touches no unit at boot', async () => {
    await ground.publish()
    const before = ground.calls().length
    await ground.revert('boot')
    expect(ground.calls().slice(before)).toEqual([`stop gw-watchdog-${RUN}.timer`])
    await ground.expectSettled('v1.2')
  })

  it('starts what ended meanwhile, and stops what did not run before', async () => {
    ground.setUnit('keepalived.service', 'inactive 0')
    await ground.publish()
    ground.setUnit('keepalived.service', 'active 1')
    ground.setUnit('nginx.service', 'failed 0')
    const before = ground.calls().length

    expect((await ground.revert('gw')).exitCode).toBe(0)

    expect(ground.calls().slice(before, before + 2)).toEqual([
      'start nginx.service',
      'stop keepalived.service',
    ])
  })

  it('stays on trial until both units have followed, whoever tries again', async () => {
    await ground.publish()
    ground.mark('broken-reload-nginx.service')
    ground.mark('broken-reload-keepalived.service')

    const ended = await ground.revert('watchdog')

    expect(ended.exitCode).toBe(1)
    expect(ended.stdout).toContain('v1.2 is the current release again, but does not run yet')
    expect(ended.stdout).toContain('NGINX did not go back to it')
    expect(ended.stdout).toContain('keepalived did not go back to it')
    expect(await ground.store()).toMatchObject({ current: 'v1.2', reverted: null, trial: { run: RUN } })
    expect(existsSync(ground.at('timer'))).toBe(true)
    expect((await ground.confirm()).exitCode).toBe(CONFIRM_STATUS.takenBack)
    expect((await ground.publish()).exitCode).toBe(1)

    ground.unmark('broken-reload-nginx.service')
    expect((await ground.revert('watchdog')).exitCode).toBe(1)
    ground.unmark('broken-reload-keepalived.service')
    const before = ground.calls().length
    expect((await ground.revert('takeover')).exitCode).toBe(0)

    expect(ground.calls().slice(before)).toEqual([
      'reload keepalived.service',
      `stop gw-watchdog-${RUN}.timer`,
    ])
    expect((await ground.expectSettled('v1.2')).reverted).toMatchObject({ by: 'takeover' })
  })

  it('is finished before another one begins', async () => {
    await ground.publish()
    expect(await ground.decide()).toMatchObject({ summary: 'publish v1.3 in place of v1.2' })
    expect((await ground.publish()).exitCode).toBe(0)
    expect(await ground.store()).toMatchObject({ current: 'v1.3', trial: { before: 'v1.2' } })
  })
})
