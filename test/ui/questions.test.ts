import { describe, expect, it } from 'vitest'
import { EXIT, GwError } from '../../src/errors.js'
import { confirm, confirmByName } from '../../src/ui/questions.js'
import { FakeTerminal } from '../fakes/terminal.js'

const { signal } = new AbortController()

describe('a question without a terminal', () => {
  it.each([
    ['for yes or no', (terminal: FakeTerminal) => confirm(terminal, 'Apply these changes to lab?', signal)],
    [
      'for a name',
      (terminal: FakeTerminal) => confirmByName(terminal, 'Apply these changes to lab?', 'lab', signal),
    ],
  ])('%s is an error that has the question and the flag, and shows nothing', async (_title, ask) => {
    const terminal = new FakeTerminal()
    const error: unknown = await ask(terminal).catch((reason: unknown) => reason)
    if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
    expect(error).toMatchObject({ code: 'QUESTION_WITHOUT_TERMINAL', exitCode: EXIT.usage })
    expect(error.message).toContain('Apply these changes to lab?')
    expect(error.nextSteps.join()).toContain('--yes')
    expect(terminal.errText + terminal.outText).toBe('')
  })
})
