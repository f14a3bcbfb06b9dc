import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sh } from '../../src/shell/script.js'
import { ArmingGround, RUN } from './arming-ground.js'

const NOTHING = { armed: null, undone: null }
/** Dozens of programs, one after the other. */
const LONG = { timeout: 60_000 }
const OTHER = '9b8c7d6e'

let ground: ArmingGround
beforeEach(() => {
  ground = new ArmingGround()
})
afterEach(() => {
  ground.remove()
})

const DONE = { exitCode: 0, stdout: '', stderr: '' }

describe('arming a host', () => {
  it('has a timer and the next boot undo the fault, before anything is disturbed', async () => {
    expect(await ground.arm()).toEqual(DONE)

    const { armed, undone } = await ground.state()
    expect(armed).toEqual({ run: RUN, scenario: 'nginx-hung', leftSeconds: expect.any(Number) as number })
    expect(armed?.leftSeconds).toBeGreaterThan(55)
    expect(armed?.leftSeconds).toBeLessThanOrEqual(60)
    expect(undone).toBeNull()
    expect(ground.text('timer')).toContain(`--unit=gw-drill-${RUN}`)
    expect(ground.text('timer')).toContain('--on-active=60s')
    const unit = ground.text('units/multi-user.target.wants/gw-drill-undo.service')
    expect(unit).toContain(`ConditionPathExists=${ground.paths.drill}/undo\n`)
    expect(unit).toContain('Before=nginx.service keepalived.service\n')
    expect(ground.has('fault')).toBe(false)
  })

  it.each([
    ['broken-systemd-run', 'Failed to start transient timer unit'],
    ['timer-that-ends', 'systemd would not undo it in time'],
    ['broken-is-enabled', 'systemd would not undo it at boot'],
  ])('fails, and leaves nothing, where systemd would not undo it: %s', async (broken, reason) => {
    ground.put(broken)
    const { exitCode, stderr } = await ground.arm()
    expect(exitCode).toBe(1)
    expect(stderr).toContain(reason)
    expect(ground.left).toEqual([])
    expect(await ground.state()).toEqual(NOTHING)
  })

  it.each([RUN, OTHER])('fails where a fault is armed already, for the run %s', async (run) => {
    await ground.arm()
    const { exitCode, stderr } = await ground.arm({ run, scenario: 'peer-cut' })
    expect(exitCode).toBe(1)
    expect(stderr).toBe(`the fault nginx-hung of the drill ${RUN} is still armed on this host\n`)
    expect((await ground.state()).armed?.scenario).toBe('nginx-hung')
    expect(ground.left).toHaveLength(4)
  })

  it('that is killed at any point leaves the host armed as a whole, or not at all', LONG, async () => {
    for (let killAt = 1; ; killAt += 1) {
      const serial = killAt
      await ground.arm({ serial }, killAt)
      const isWhole = ground.steps < killAt
      const { armed } = await ground.state()
      if (armed === null) {
        expect((await ground.disturb()).stderr).toContain('this host is not armed for this drill')
        expect(await ground.arm({ serial }), `after ${killAt} steps`).toEqual(DONE)
      }
      expect(ground.left).toHaveLength(4)
      expect(await ground.undo({ serial })).toMatchObject(DONE)
      expect(ground.left).toEqual([])
      if (isWhole) break
      expect(killAt).toBeLessThan(50)
    }
  })
})

describe('a disturbance', () => {
  const refused = async (words: string, more = {}) => {
    const { exitCode, stderr } = await ground.disturb(more)
    expect(stderr).toBe(`${words}; nothing was disturbed\n`)
    expect(exitCode).toBe(1)
    expect(ground.has('fault')).toBe(false)
  }
  const deadline = (change: (words: string[]) => string[]) => {
    const file = `${ground.paths.drill}/deadline`
    writeFileSync(file, `${change(readFileSync(file, 'utf8').trim().split(' ')).join(' ')}\n`)
  }

  it('is made on a host that is armed for it', async () => {
    await ground.arm()
    expect((await ground.disturb()).exitCode).toBe(0)
    expect(ground.text('fault')).toBe("it's broken\n")
  })

  it('says in its last line when it was made, after all that kept it waiting', async () => {
    await ground.arm()
    const letGo = await ground.holdGuard()
    const disturbing = ground.disturb(
      {},
      sh`
      echo made
      echo "$(date +%s.%N)" >${ground.at('fault')}`,
    )
    await expect.poll(() => ground.waits).toBe(1)
    const before = Date.now() / 1000
    letGo()
    const { exitCode, stdout, stderr } = await disturbing
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^made\n\d+\.\d{9}\n$/)
    const made = Number(stdout.split('\n').at(-2))
    expect(made).toBeGreaterThanOrEqual(before)
    expect(made).toBeLessThanOrEqual(Number(ground.text('fault')))
  })

  it('is refused where nothing is armed', () => refused('this host is not armed for this drill'))

  it('is refused where something else is armed', async () => {
    await ground.arm()
    await refused('this host is not armed for this drill', { run: OTHER })
    await refused('this host is armed for nginx-hung', { scenario: 'peer-cut' })
  })

  it('is refused when it was undone already', async () => {
    await ground.arm()
    await ground.program(['host', RUN])
    await refused('this host is not armed for this drill')
  })

  it('is refused where the timer does not run any more', async () => {
    await ground.arm()
    await ground.disturb({}, sh`rm ${ground.at('timer')}`)
    await refused('the timer that undoes it does not run any more')
  })

  it('is refused when the time is over, or another boot was since', async () => {
    const words = 'the time is over after which the host undoes it'
    await ground.arm({ undoAfterSeconds: 1 })
    await refused(words)
    await ground.undo()
    await ground.arm({ serial: 1 })
    deadline(([, boot = '']) => ['1', boot])
    await refused(words)
    deadline(() => ['99999999999', 'another-boot'])
    await refused(words)
  })

  it('that hangs is ended long before the host undoes it', async () => {
    await ground.arm({ undoAfterSeconds: 6 })
    const begin = performance.now()
    const { exitCode, stderr } = await ground.disturb({}, sh`sleep 60`)
    expect(performance.now() - begin).toBeLessThan(5000)
    expect(exitCode).toBe(124)
    expect(stderr).toMatch(/^the fault was not made within [12] s\n$/)
  })

  it('comes to its end before its undo begins', async () => {
    await ground.arm()
    const slow = sh`
      : >${ground.at('begun')}
      sleep 0.3
      : >${ground.at('fault')}`
    const disturbing = ground.disturb({}, slow)
    await expect.poll(() => ground.has('begun')).toBe(true)
    expect((await ground.undo()).exitCode).toBe(0)
    expect((await disturbing).exitCode).toBe(0)
    expect(ground.has('fault')).toBe(false)
    expect(ground.left).toEqual([])
  })
})
