import { runBackupCreate } from '../../src/cli/backup-create.js'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class BackupCreate extends BaseCommand {
  static override summary = 'Have every gateway back up its release and configuration, under one name.'
  static override description =
    'The same as the gateways do every night at 02:00. A backup lies on its host below /var/backups/gw and is kept for 30 days.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --limit gw-1 --json',
  ]
  static override args = environmentArg
  static override flags = fleetFlags

  protected override readonly blank = { backups: [] }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(BackupCreate)
    const { limit, forks } = flags
    return runBackupCreate({ environment: args.environment, limit, forks }, context)
  }
}
