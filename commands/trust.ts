import { Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg } from '../src/cli/fleet-flags.js'
import type { CommandResult } from '../src/cli/result.js'
import { runTrustCommand } from '../src/cli/trust-run.js'

export default class Trust extends BaseCommand {
  static override summary = "Show the hosts' keys and record the new ones in known_hosts."
  static override description =
    'Compare the fingerprints with what the hosts themselves or your provider show before you say yes. ' +
    'A key that changed is never replaced: the command shows both and how to remove the old one by hand.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --limit gw-1',
  ]
  static override args = environmentArg
  static override flags = {
    limit: Flags.string({
      description: 'Only these hosts or groups, comma-separated.',
      helpValue: 'HOST|GROUP',
    }),
    yes: Flags.boolean({ char: 'y', description: 'Record new keys without asking.' }),
  }

  protected override readonly blank = { keys: [] }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Trust)
    return runTrustCommand({ environment: args.environment, limit: flags.limit, yes: flags.yes }, context)
  }
}
