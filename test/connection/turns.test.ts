import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from '../../src/connection/turns.js'

const never = new AbortController().signal

describe('turns', () => {
  it('lets so many through and the others in their order, one for each that ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (limit, wanted) => {
          const turns = new Turns(limit)
          const entered: number[] = []
          let most = 0
          await Promise.all(
            Array.from({ length: wanted }, async (_, index) => {
              const end = await turns.take(never)
              entered.push(index)
              most = Math.max(most, turns.running)
              await Promise.resolve()
              end()
              end()
            }),
          )
          expect(entered).toEqual(Array.from({ length: wanted }, (_, index) => index))
          expect([most, turns.running]).toEqual([Math.min(limit, wanted), 0])
        },
      ),
    )
  })

  it('forgets one who gives up waiting', async () => {
    const turns = new Turns(1)
    const end = await turns.take(never)
    const impatient = new AbortController()
    const given = turns.take(impatient.signal)
    const patient = turns.take(never)
    impatient.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    end()
    ;(await patient)()
    expect(turns.running).toBe(0)
  })

  it('lets nobody in whose signal has fired', async () => {
    await expect(new Turns(1).take(AbortSignal.abort(new Error('no')))).rejects.toThrow('no')
  })

  it('can be lowered, never below one', async () => {
    const turns = new Turns(8)
    const ends = [await turns.take(never), await turns.take(never)]
    turns.lower(0)
    const third = turns.take(never)
    ends[0]?.()
    expect(turns.running).toBe(1)
    ends[1]?.()
    ;(await third)()
    expect(turns.running).toBe(0)
  })
})
