import type { Hook } from '@oclif/core'
import { GwError } from '../errors.js'
import { nearest } from '../inventory/nearest.js'
import { detectTerminal } from '../ui/terminal.js'
import { errorText } from '../ui/text.js'
import { envelope } from './result.js'

/** A word that is no command: an error like every other, with the nearest command, also as JSON. */
const commandNotFound: Hook.CommandNotFound = ({ id, argv, config }) => {
  const typed = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  const error = unknownCommand(typed, known)
  const terminal = detectTerminal(process)
  if (argv?.includes('--json') === true) {
    const result = { exitCode: error.exitCode, environment: null, text: '', errors: [error] }
    terminal.out.write(`${JSON.stringify(envelope(typed, result, 0), undefined, 2)}\n`)
  } else terminal.err.write(`${errorText(error, terminal.paintErr)}\n`)
  process.exitCode = error.exitCode
  return Promise.resolve()
}

/** The framework takes arguments for parts of the name, so the first word alone may be the one that is misspelt. */
function unknownCommand(typed: string, known: readonly string[]): GwError {
  const [first = ''] = typed.split(' ', 1)
  const near = nearest(typed, known) ?? nearest(first, known)
  const name = near === null || near.includes(' ') ? typed : first
  const meant = near === null ? '' : `; did you mean \`${near}\`?`
  return new GwError('USAGE', `gw has no command \`${name}\`${meant}`, {
    nextSteps: ['gw --help lists the commands.'],
  })
}

export default commandNotFound
