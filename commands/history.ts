import { Args, Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { runHistoryCommand } from '../src/cli/history-run.js'
import { journalFolder } from '../src/cli/journal.js'
import type { CommandResult } from '../src/cli/result.js'

export default class History extends BaseCommand {
  static override summary =
    'Show the runs that were made from this machine, or one of them with all that happened.'
  static override description = `Every run that may change hosts leaves a journal under $XDG_STATE_HOME/gw/runs (~/.local/state/gw/runs); the last 500 are
kept. What each host went through, whoever did it, stands in its own /var/log/gw/audit.jsonl.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --environment production --last 5',
    '<%= config.bin %> <%= command.id %> 3fa9',
  ]
  static override args = {
    run: Args.string({ description: 'A run, or how its name begins.', ignoreStdin: true }),
  }
  static override flags = {
    environment: Flags.string({ description: 'Only runs on this environment.' }),
    last: Flags.integer({ description: 'How many runs are listed.', default: 20, min: 1, max: 500 }),
  }

  protected override readonly blank = { runs: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(History)
    const { environment, last } = flags
    return runHistoryCommand(
      { folder: journalFolder(process.env), run: args.run, environment, last },
      context,
    )
  }
}
