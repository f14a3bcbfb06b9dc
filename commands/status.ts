import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../src/cli/fleet-flags.js'
import type { CommandResult } from '../src/cli/result.js'
import { runStatusCommand } from '../src/cli/status-run.js'

export default class Status extends BaseCommand {
  static override summary =
    'Show which release each gateway serves, who is at work on them, and what was left or undone.'
  static override description =
    'Asks every gateway at once and changes nothing. Exit code 4 says that a gateway could not be reached; the others are shown.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --json',
  ]
  static override args = environmentArg
  static override flags = fleetFlags

  protected override readonly blank = { fleet: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Status)
    return runStatusCommand(
      { environment: args.environment, limit: flags.limit, forks: flags.forks },
      context,
    )
  }
}
