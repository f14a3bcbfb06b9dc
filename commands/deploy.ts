import { deploy } from '../playbooks/deploy.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { changeFlags, environmentArg } from '../src/cli/fleet-flags.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import type { CommandResult } from '../src/cli/result.js'
import { withCertificates } from '../src/cli/with-certificates.js'

export default class Deploy extends BaseCommand {
  static override summary = 'Make the gateways of an environment match its inventory.'
  static override description = `Packages are installed on all gateways at once; configuration is tested where it is staged and put in place one
gateway at a time, the holder of the virtual IP last. Nothing is touched when one of the hosts cannot be reached.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --check',
    '<%= config.bin %> <%= command.id %> staging --limit gw-2 --yes',
  ]
  static override args = environmentArg
  static override flags = changeFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Deploy)
    const request = {
      ...flags,
      environment: args.environment,
      limit: flags.limit,
      playbookFor: withCertificates(deploy, context.interrupts.stop),
    }
    return runPlaybookCommand(request, context)
  }
}
