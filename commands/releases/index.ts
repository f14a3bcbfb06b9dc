import { Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import { runReleasesCommand } from '../../src/cli/releases-run.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class Releases extends BaseCommand {
  static override summary = 'List the releases that lie on the gateways, the newest first.'
  static override description =
    'A release can be rolled back to when it was confirmed. A host keeps the last ten besides the current and the previous one.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --verify',
  ]
  static override args = environmentArg
  static override flags = {
    ...fleetFlags,
    verify: Flags.boolean({
      description:
        'Try every release where it lies: its sums, certificates and modules, and what NGINX and keepalived say.',
    }),
  }

  protected override readonly blank = { releases: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Releases)
    const { limit, forks, verify } = flags
    return runReleasesCommand({ environment: args.environment, limit, forks, verify }, context)
  }
}
