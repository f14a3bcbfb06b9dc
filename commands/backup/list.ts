import { runBackupList } from '../../src/cli/backup-list.js'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class BackupList extends BaseCommand {
  static override summary = 'List the backups of the gateways, the newest first.'
  static override description =
    'Each with the release that it holds and the hosts that have it. The files of a backup are read only when it is restored.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --json',
  ]
  static override args = environmentArg
  static override flags = fleetFlags

  protected override readonly blank = { backups: [] }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(BackupList)
    const { limit, forks } = flags
    return runBackupList({ environment: args.environment, limit, forks }, context)
  }
}
