import { GwError } from '../errors.js'
import type { Terminal } from './terminal.js'

/** Asks for yes or no on the terminal; the default answer is no. */
export async function confirm(terminal: Terminal, question: string, signal: AbortSignal): Promise<boolean> {
  requirePerson(terminal, question)
  const { confirm } = await import('@inquirer/prompts')
  return answered(confirm({ message: question, default: false }, { output: terminal.err, signal }))
}

/** Asks for a word to be typed out; true when it was typed exactly. */
export async function confirmByName(
  terminal: Terminal,
  question: string,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  requirePerson(terminal, question)
  const { input } = await import('@inquirer/prompts')
  const typed = await answered(
    input({ message: `${question} Type ${name} to go on:` }, { output: terminal.err, signal }),
  )
  return typed === name
}

function requirePerson(terminal: Terminal, question: string): void {
  if (terminal.interactive) return
  throw new GwError('QUESTION_WITHOUT_TERMINAL', `there is no terminal to ask on: ${question}`, {
    nextSteps: ['Add --yes to go on without the question.'],
  })
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    // Ctrl-C at a prompt, and a signal to gw, arrive as these errors, by name: the library exports no classes for them.
    if (cause instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(cause.name)) {
      throw new GwError('INTERRUPTED', 'the question was not answered; nothing was changed', {
        cause,
        nextSteps: ['The same command asks again.'],
      })
    }
    throw cause
  }
}
