import { failover } from '../playbooks/failover.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { NO_HANDOVER } from '../src/cli/failover-json.js'
import { runFailoverCommand } from '../src/cli/failover-run.js'
import { changeFlags, environmentArg } from '../src/cli/fleet-flags.js'
import { changeOf } from '../src/cli/playbook-request.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Failover extends BaseCommand {
  static override summary = 'Move the virtual IP to another gateway, and tell what clients saw of it.'
  static override description = `The gateway that has it gives it away, once another one is known to be fit, and stands by again. Requests are sent to the
virtual IP from before to after, and the longest time without an answer is told. The same command moves it back.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --check',
    '<%= config.bin %> <%= command.id %> production --yes --json',
  ]
  static override args = environmentArg
  static override flags = changeFlags

  protected override readonly blank = NO_HANDOVER

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Failover)
    return runFailoverCommand(changeOf(args.environment, flags), failover, context)
  }
}
