import { existsSync, readFileSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sh, shellLine } from '../../src/shell/script.js'
import { RUN, TrialGround } from '../release/trial-ground.js'

describe('killed before any of its commands,', () => {
  let ground: TrialGround
  beforeEach(() => {
    ground = new TrialGround()
    ground.setUnit('keepalived.service', 'active 1')
  })
  afterEach(() => {
    ground.remove()
  })

  const either = (number: number, one: string, other: string) => (number % 2 === 0 ? one : other)

  /** What killed programs left behind is gone after the next publish that is confirmed. */
  const expectNoLeftovers = async (): Promise<void> => {
    expect((await ground.publish()).exitCode).toBe(0)
    expect((await ground.confirm()).exitCode).toBe(0)
    expect(ground.names().filter((name) => name.startsWith('.'))).toEqual([])
  }

  // Each round begins with what the one before left.
  it('a publish is undone, or has not begun', async () => {
    await ground.startUnits()
    let number = 0
    for (; ; number++) {
      const by = either(number, 'watchdog', 'boot')
      rmSync(ground.paths.reverted, { force: true })
      const ended = await ground.killedBefore(await ground.publishScript(), number)
      if (ended === null) break
      const begun = existsSync(ground.paths.trial)
      const published = (await ground.store()).current === 'v1.3'
      const calls = ground.calls().length
      if (ended.exitCode !== null || published) expect(begun).toBe(true)
      // A trial without a timer waits for a boot or a takeover, but there is nothing yet that it would have to take back.
      if (published) expect(existsSync(ground.at('timer'))).toBe(true)
      if (begun) await ground.revert(by)

      const { reverted } = await ground.expectSettled('v1.2')
      expect(reverted === null).toBe(!begun)
      if (published && by === 'watchdog') {
        expect(ground.calls().slice(calls)).toContain('reload nginx.service')
      }
    }
    expect(number).toBeGreaterThan(10)
    await ground.revertNow()
    await expectNoLeftovers()
  }, 30_000)

  it('a revert goes on where it was', async () => {
    let number = 0
    for (; ; number++) {
      const by = either(number, 'takeover', 'boot')
      await ground.publish()
      const { text } = sh`set -- ${by}`
      const revert = readFileSync(`${ground.paths.trial}/revert`, 'utf8')
      const ended = await ground.killedBefore(shellLine(`${text}\n${revert}`), number)
      if (ended === null) break
      if (existsSync(ground.paths.trial)) await ground.revert(either(number, 'boot', 'takeover'))
      ground.unmark('timer')
      await ground.expectSettled('v1.2')
    }
    expect(number).toBeGreaterThan(10)
    await expectNoLeftovers()
  }, 30_000)

  it('a confirmation is undone before its mark, and finished after it', async () => {
    const outcomes: (string | null)[] = []
    let number = 0
    for (; ; number++) {
      await ground.publish()
      const ended = await ground.killedBefore(ground.confirmation(), number)
      if (ended === null) break
      const marked = existsSync(`${ground.paths.trial}/confirmed`)
      if (existsSync(ground.paths.trial)) await ground.revert(either(number, 'takeover', 'boot'))
      // A timer whose trial is over finds nothing to do.
      ground.unmark('timer')
      const { current, previous, releases } = await ground.store()
      if (ended.exitCode === null) outcomes.push(current)
      if (marked) expect(current).toBe('v1.3')
      await ground.expectSettled(current ?? '')
      if (current !== 'v1.3') continue
      expect(previous).toBe('v1.2')
      expect(releases.find(({ name }) => name === 'v1.3')?.confirmed).toMatchObject({ run: RUN })
      ground.lead('v1.2')
    }
    expect(outcomes.toSorted()).toEqual(outcomes)
    expect(new Set(outcomes).size).toBe(2)
    ground.lead('v1.2')
    await expectNoLeftovers()
  }, 30_000)
})
