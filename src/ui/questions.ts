import { GwError } from '../errors.js'
import type { Terminal } from './terminal.js'

/** Asks for yes or no on the terminal; the default answer is no. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean> {
  requirePerson(terminal, question)
  const { confirm } = await import('@inquirer/prompts')
  return answered(confirm({ message: question, default: false }, { output: terminal.err }))
}

/** Asks for a word to be typed out; true when it was typed exactly. */
export async function confirmByName(terminal: Terminal, question: string, name: string): Promise<boolean> {
  requirePerson(terminal, question)
  const { input } = await import('@inquirer/prompts')
  const typed = await answered(
    input({ message: `${question} Type ${name} to go on:` }, { output: terminal.err }),
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
    // Ctrl-C at a prompt arrives as this error, by name: the class is not exported for comparison across versions.
    if (cause instanceof Error && cause.name === 'ExitPromptError') {
      throw new GwError('INTERRUPTED', 'the question was not answered; nothing was changed', { cause })
    }
    throw cause
  }
}
