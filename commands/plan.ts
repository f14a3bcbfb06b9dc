import { deploy } from '../playbooks/deploy.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { deployOf } from '../src/cli/deploy-request.js'
import { environmentArg, fleetFlags } from '../src/cli/fleet-flags.js'
import { planRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Plan extends BaseCommand {
  static override summary =
    'Show what a deploy would change, with the diff of every file, and change nothing.'
  static override description =
    'The same as `deploy --check`. Exit code 8 says that there is something to change, 0 that there is not.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --limit gw-1 --json',
  ]
  static override args = environmentArg
  static override flags = fleetFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Plan)
    const wish = { release: undefined, drift: 'refuse', unprotected: false } as const
    return runPlaybookCommand(planRequest(args.environment, flags, deployOf(deploy, wish, context)), context)
  }
}
