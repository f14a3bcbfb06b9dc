import { Flags } from '@oclif/core'
import { failoverDrill } from '../playbooks/failover-drill.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { drillFlags, drillRequest } from '../src/cli/drill-flags.js'
import { NO_DRILL } from '../src/cli/drill-json.js'
import { listScenarios } from '../src/cli/drill-scenarios.js'
import { runDrillCommand } from '../src/cli/failover-drill-run.js'
import { environmentArg } from '../src/cli/fleet-flags.js'
import type { CommandResult } from '../src/cli/result.js'

export default class FailoverDrill extends BaseCommand {
  static override summary =
    'Disturb the gateways on purpose, and measure what clients see until all is well again.'
  static override description = `Each scenario begins and ends with all gateways healthy. Before anything is disturbed its host is set to undo it by
itself, whatever becomes of gw. A drill is undone at once when clients wait for longer than --max-outage, or when anything
else is not well.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --list',
    '<%= config.bin %> <%= command.id %> staging',
    '<%= config.bin %> <%= command.id %> production --scenario nginx-stopped --scenario handover --failback',
    '<%= config.bin %> <%= command.id %> production --scenario host-cut --max-outage 500ms --yes --json',
  ]
  static override args = environmentArg
  static override flags = {
    ...drillFlags,
    list: Flags.boolean({ description: 'Explain the scenarios, and do nothing.' }),
  }

  protected override readonly blank = NO_DRILL

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(FailoverDrill)
    if (flags.list) return listScenarios(context)
    return runDrillCommand(drillRequest(args.environment, flags), failoverDrill, context)
  }
}
