import { describe, expect, it } from 'vitest'
import { checkLog } from '../lab/operators/check-log.js'

describe('the check of what operators wrote', () => {
  it.each([
    ['nothing', [], []],
    [
      'changes one after the other',
      ['begin a 1', 'end a 1', 'begin a 1', 'end a 1', 'begin b 2', 'end b 2'],
      [],
    ],
    [
      'two writers at once',
      ['begin a 1', 'begin b 2', 'end a 1', 'end b 2'],
      [
        'b with token 2 began in the middle of a with token 1',
        'a with token 1 ended in the middle of b with token 2',
        'b with token 2 ended in the middle of nothing',
      ],
    ],
    [
      'an older token after a newer one',
      ['begin b 2', 'end b 2', 'begin a 1', 'end a 1'],
      ['a with token 1 changed something after token 2'],
    ],
    ['a change without an end', ['begin a 1'], ['a with token 1 did not end']],
  ])('judges %s', (_title, log, problems) => {
    expect(checkLog(log.map((line) => `${line}\n`).join(''))).toEqual(problems)
  })
})
