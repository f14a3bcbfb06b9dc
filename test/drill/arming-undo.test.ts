import { mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArmingGround, RUN } from './arming-ground.js'

let ground: ArmingGround
beforeEach(async () => {
  ground = new ArmingGround()
  await ground.arm()
  await ground.disturb()
})
afterEach(() => {
  ground.remove()
})

const expectUndone = async (by: string) => {
  expect(ground.has('fault')).toBe(false)
  expect(ground.left).toEqual([])
  const { armed, undone } = await ground.state()
  expect(armed).toBeNull()
  expect(undone).toEqual({
    run: RUN,
    scenario: 'nginx-hung',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
    by,
  })
}

describe('the undo of a disturbance', () => {
  it.each(['gw', 'host', 'boot', 'takeover'])('by %s leaves nothing, and is written down', async (by) => {
    expect((await ground.program([by, RUN])).exitCode).toBe(0)

    await expectUndone(by)
    expect(ground.text('undone')).toBe(`it's ${by}\n`)
    const audited = JSON.parse(ground.text('log/audit.jsonl')) as unknown
    expect(audited).toMatchObject({ event: 'drill.undone', run: RUN, scenario: 'nginx-hung', by })
  })

  it('is done once, whoever asks again', async () => {
    await ground.undo()
    expect(await ground.undo()).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    await expectUndone('gw')
    expect(ground.text('undone')).toBe("it's gw\n")
  })

  it('is done once by two that ask at the same time', async () => {
    const ends = await Promise.all([
      ground.program(['gw', RUN]),
      ground.program(['host', RUN]),
      ground.undo(),
    ])
    expect(ends.map(({ exitCode }) => exitCode)).toContain(0)
    expect(ground.text('undone').split('\n')).toHaveLength(2)
    expect(ground.left).toEqual([])
  })

  it('is not done for another run', async () => {
    await ground.undo({ run: '9b8c7d6e' })
    await ground.program(['host', '9b8c7d6e'])
    expect(ground.has('fault')).toBe(true)
    expect(ground.left).toHaveLength(4)
  })

  it('that fails leaves the host armed, and is tried again', async () => {
    ground.put('lasting')
    const { exitCode, stderr } = await ground.undo()
    expect(exitCode).toBe(1)
    expect(stderr).toBe('nginx-hung could not be undone; the host tries again\n')
    expect(ground.left).toHaveLength(4)
    expect((await ground.state()).undone).toBeNull()

    ground.drop('lasting')
    expect((await ground.program(['host', RUN])).exitCode).toBe(0)
    await expectUndone('host')
  })

  it('is done where nobody can be kept from the host meanwhile', async () => {
    ground.drop("it's state/drill-guard")
    mkdirSync(ground.paths.drillGuard)
    expect((await ground.undo()).exitCode).toBe(0)
    expect(ground.left).toEqual([])
  })

  it('is done where nothing can be written down', async () => {
    mkdirSync(ground.at("it's state/.drilled.gw-staged"))
    ground.put('log', 'a file where the folder should be')
    expect((await ground.undo()).exitCode).toBe(0)
    expect(ground.left).toEqual([])
    expect(await ground.state()).toEqual({ armed: null, undone: null })
  })

  it('that is killed at any point is done by the next', { timeout: 60_000 }, async () => {
    for (let killAt = 1; ; killAt += 1) {
      await ground.program(['gw', RUN], killAt)
      const isWhole = ground.steps < killAt
      const { armed } = await ground.state()
      if (armed !== null) expect((await ground.program(['host', RUN])).exitCode, `${killAt}`).toBe(0)
      expect(ground.has('fault')).toBe(false)
      expect((await ground.state()).undone?.by).toMatch(/^(gw|host)$/)
      expect(ground.has("it's state/drill")).toBe(false)
      if (isWhole) break
      expect(killAt).toBeLessThan(50)
      await ground.arm()
      await ground.disturb()
    }
  })
})

describe('an arming that was cut off, and goes on by itself', () => {
  const OVER = 'gw has undone this fault already; nothing was armed\n'
  const NEXT = { serial: 1 }

  beforeEach(async () => {
    await ground.undo()
  })

  it.each<readonly (readonly ['arm' | 'undo', 'arm' | 'undo'])[]>([[['arm', 'undo']], [['undo', 'arm']]])(
    'leaves nothing when it is at work while gw undoes it: %s',
    async (order) => {
      const letGo = await ground.holdGuard()
      const ends: Promise<unknown>[] = []
      for (const step of order) {
        ends.push(ground[step](NEXT))
        await expect.poll(() => ground.waits).toBe(ends.length)
      }
      letGo()
      await Promise.all(ends)
      expect(ground.left).toEqual([])
      expect((await ground.state()).armed).toBeNull()
    },
  )

  it('is refused when it begins after that, and no other one is', async () => {
    await ground.undo(NEXT)
    for (const serial of [0, 1]) {
      expect(await ground.arm({ serial })).toMatchObject({ exitCode: 1, stderr: OVER })
      expect(ground.left).toEqual([])
    }
    expect((await ground.arm({ serial: 2 })).exitCode).toBe(0)
    await ground.undo({ serial: 2 })
    expect((await ground.arm({ run: '9b8c7d6e', serial: 0 })).exitCode).toBe(0)
  })

  it('is refused in the middle of a drill that goes on: the fault of the same name is undone once for each time', async () => {
    await ground.arm(NEXT)
    await ground.disturb(NEXT)
    await ground.undo(NEXT)
    expect(await ground.arm()).toMatchObject({ exitCode: 1, stderr: OVER })
    expect(ground.text('undone')).toBe("it's gw\n".repeat(2))
  })

  it('is told of where nobody can keep it from going on', async () => {
    ground.drop("it's state/drill-guard")
    mkdirSync(ground.paths.drillGuard)
    const { exitCode, stderr } = await ground.undo(NEXT)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('this host may still be armed by what is at work there\n')
  })
})
