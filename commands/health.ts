import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../src/cli/fleet-flags.js'
import { healthFlags } from '../src/cli/health-flags.js'
import { nagiosFailure } from '../src/cli/health-formats/nagios.js'
import { NO_HEALTH } from '../src/cli/health-json.js'
import { runHealthCommand } from '../src/cli/health-run.js'
import { runHealthWatch } from '../src/cli/health-watch.js'
import type { CommandResult } from '../src/cli/result.js'
import type { GwError } from '../src/errors.js'

export default class Health extends BaseCommand {
  static override summary = 'Judge every gateway in six phases, and all of them together.'
  static override description =
    'Changes nothing. Exit code 0: healthy; 5: unhealthy; 9: something could not be judged; 4: a gateway could not be reached (the others are shown).'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --watch',
    '<%= config.bin %> <%= command.id %> production --wait 60s',
    '<%= config.bin %> <%= command.id %> production --phase http --phase certificate',
    '<%= config.bin %> <%= command.id %> production --format nagios',
  ]
  static override args = environmentArg
  static override flags = { ...fleetFlags, ...healthFlags }

  protected override readonly blank = NO_HEALTH

  /** A monitor wants its line and its exit code whatever happens. */
  protected override failed(error: GwError): CommandResult {
    return nagiosFailure(error, this.argv) ?? super.failed(error)
  }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Health)
    const { limit, forks, phase, format, interval, wait, timeout } = flags
    const selection = { environment: args.environment, limit, forks, phases: phase, timeoutMs: timeout }
    const request = { ...selection, format, intervalMs: interval, waitMs: wait }
    return flags.watch ? runHealthWatch(request, context) : runHealthCommand(request, context)
  }
}
