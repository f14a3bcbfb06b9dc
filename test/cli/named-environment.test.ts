import { describe, expect, it } from 'vitest'
import { namingEnvironment, withEnvironment } from '../../src/cli/named-environment.js'
import { GwError } from '../../src/errors.js'

const error = new GwError('LOCK_HELD', 'ENV is no word of the message', {
  host: 'gw-1',
  frame: 'ENV',
  nextSteps: ['gw abort ENV ends it; gw status ENV shows it.', 'ENVIRONMENT stays.'],
})

describe('the environment in what to type next', () => {
  it('is as it was typed, whatever is in it; the rest of the error stays', () => {
    const { nextSteps, ...named } = withEnvironment(error, '$&/lab.yml')
    const { nextSteps: before, ...rest } = error
    expect(before).toHaveLength(2)
    expect(named).toEqual(rest)
    expect(nextSteps).toEqual([
      'gw abort $&/lab.yml ends it; gw status $&/lab.yml shows it.',
      'ENVIRONMENT stays.',
    ])
  })

  it('is named in what work throws, and nothing else is touched', async () => {
    const fault = new Error('ENV')
    await expect(namingEnvironment('lab', () => Promise.reject(fault))).rejects.toBe(fault)
    await expect(namingEnvironment('lab', () => Promise.reject(error))).rejects.toMatchObject({
      code: 'LOCK_HELD',
      nextSteps: ['gw abort lab ends it; gw status lab shows it.', 'ENVIRONMENT stays.'],
    })
    expect(await namingEnvironment('lab', () => Promise.resolve(1))).toBe(1)
  })
})
