import { ask } from '../facts/fact.js'
import { fileState } from '../facts/file.js'
import { guardStatus } from '../facts/guard.js'
import { type Script, lines, sh } from '../shell/script.js'
import { checked } from './argument.js'
import type { Operation } from './operation.js'

interface CommandArguments {
  /** One line that says what it does. */
  readonly name: string
  /**
   * Ends at the first of its commands that fails, with that command's exit status. What it leaves in the background must
   * not keep its standard output: the task lasts until that is closed.
   */
  readonly script: Script
  /** Read-only; the command runs unless this succeeds. */
  readonly unless?: Script
  /** Read-only; the command runs only if this succeeds. */
  readonly onlyIf?: Script
  /** The command runs unless something stands at this path. */
  readonly creates?: string
}

/**
 * A command, run when all its guards agree; without a guard, every time. Guards are asked before the play changes
 * anything.
 * @throws GwError VALUE_REFUSED
 */
export function command(args: CommandArguments): Operation {
  checked('title', 'command.name', args.name)
  const unless = args.unless && ask(guardStatus, { script: args.unless.text })
  const onlyIf = args.onlyIf && ask(guardStatus, { script: args.onlyIf.text })
  const path = args.creates === undefined ? undefined : checked('path', 'command.creates', args.creates)
  const creates = path === undefined ? undefined : ask(fileState, { path })
  return {
    subject: args.name,
    questions: [unless, onlyIf, creates].filter((question) => question !== undefined),
    decide(answers) {
      if (creates && answers.to(creates).type !== 'absent')
        return { kind: 'ok', reason: `${path ?? ''} is there` }
      if (unless && answers.to(unless) === 0) return { kind: 'ok', reason: 'its "unless" guard succeeds' }
      if (onlyIf && answers.to(onlyIf) !== 0) {
        return { kind: 'ok', reason: `its "onlyIf" guard ends with exit status ${answers.to(onlyIf)}` }
      }
      const guarded = unless ?? onlyIf ?? creates
      const summary = guarded ? 'run the command' : 'run the command (it has no guard, so it runs every time)'
      return { kind: 'change', summary, script: lines([sh`set -e`, args.script]) }
    },
  }
}
