import { Args } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import { checkedRelease } from '../../src/cli/release-name.js'
import { runReleasesDiffCommand } from '../../src/cli/releases-diff-run.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class ReleasesDiff extends BaseCommand {
  static override summary = 'Show what differs between two releases, host by host.'
  static override description =
    'Hosts that differ in the same way stand together. Of files that only root may read no content is shown.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> v1.1 v1.2 production',
    '<%= config.bin %> <%= command.id %> v1.1 v1.2 production --limit gw-1',
  ]
  static override args = {
    from: Args.string({
      description: 'The release that the diff starts from.',
      required: true,
      ignoreStdin: true,
    }),
    to: Args.string({ description: 'The release that it leads to.', required: true, ignoreStdin: true }),
    ...environmentArg,
  }
  static override flags = fleetFlags

  protected override readonly blank = { diff: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(ReleasesDiff)
    const { limit, forks } = flags
    const request = { environment: args.environment, limit, forks }
    const [from, to] = [checkedRelease(args.from), checkedRelease(args.to)]
    return runReleasesDiffCommand({ ...request, from, to }, context)
  }
}
