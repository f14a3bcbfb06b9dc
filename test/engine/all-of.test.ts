import { describe, expect, it } from 'vitest'
import { allOf } from '../../src/engine/all-of.js'

describe('several pieces of work', () => {
  it('come to what each of them does, in their order', async () => {
    expect(await allOf([Promise.resolve(1), Promise.resolve(2)])).toEqual([1, 2])
    expect(await allOf([])).toEqual([])
  })

  it('are all waited for, before one that failed ends them', async () => {
    let finish: (value: string) => void = () => undefined
    const slow = new Promise<string>((resolve) => {
      finish = resolve
    })
    const ended: string[] = []
    void slow.then((value) => ended.push(value))
    const all = allOf([Promise.reject(new Error('first')), slow, Promise.reject(new Error('second'))])
    setImmediate(() => {
      finish('slow')
    })
    await expect(all).rejects.toThrow('first')
    expect(ended).toEqual(['slow'])
  })
})
