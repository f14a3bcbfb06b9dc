import type { Hook } from '@oclif/core'
import { GwError } from '../errors.js'
import { suggestion } from '../inventory/nearest.js'
import { detectTerminal } from '../ui/terminal.js'
import { errorText } from '../ui/text.js'
import { envelope } from './result.js'

/** A word that is no command: an error like every other, with the nearest command, also as JSON. */
const commandNotFound: Hook.CommandNotFound = ({ id, argv, config }) => {
  const name = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((command) => command.replaceAll(':', ' '))
  const error = new GwError('USAGE', `gw has no command \`${name}\`${suggestion(name, known)}`, {
    nextSteps: ['gw --help lists the commands.'],
  })
  const terminal = detectTerminal(process)
  if (argv?.includes('--json') === true) {
    const result = { exitCode: error.exitCode, environment: null, text: '', errors: [error] }
    terminal.out.write(`${JSON.stringify(envelope(name, result, 0), undefined, 2)}\n`)
  } else terminal.err.write(`${errorText(error, terminal.paintErr)}\n`)
  process.exitCode = error.exitCode
  return Promise.resolve()
}

export default commandNotFound
