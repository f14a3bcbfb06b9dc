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
    await ground.undo('gw')
    expect(await ground.undo('takeover')).toEqual({ exitCode: 0, stdout: '', stderr: '' })
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
    await ground.undo('gw', '9b8c7d6e')
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
