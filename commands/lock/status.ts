import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import { runLockStatus } from '../../src/cli/lock-status.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class LockStatus extends BaseCommand {
  static override summary = 'Show who may change each gateway now, since when, and why.'
  static override description =
    'Every run that changes gateways takes their locks first and renews them. A lease that is over belongs to a run that did ' +
    'not end: the next run takes its lock over and undoes what it had not confirmed.'
  static override examples = ['<%= config.bin %> <%= command.id %> production']
  static override args = environmentArg
  static override flags = fleetFlags

  protected override readonly blank = { locks: [] }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(LockStatus)
    const { limit, forks } = flags
    return runLockStatus({ environment: args.environment, limit, forks }, context)
  }
}
