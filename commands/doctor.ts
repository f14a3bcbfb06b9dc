import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { runDoctorCommand } from '../src/cli/doctor-run.js'
import { durationFlag } from '../src/cli/duration-flag.js'
import { environmentArg, fleetFlags } from '../src/cli/fleet-flags.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Doctor extends BaseCommand {
  static override summary =
    'Look at this machine, the gateways and the network between them, before an environment is trusted.'
  static override description = `Works before the first deploy as well as after, and changes nothing. Each finding says what helps. Asks the gateways,
or with --limit any host of the inventory. Exit code 5 says that a check fails, 9 that one could not be made, 4 that
a host could not be reached; the others are shown.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --limit all --json',
  ]
  static override args = environmentArg
  static override flags = {
    ...fleetFlags,
    timeout: durationFlag('timeout', {
      description: 'How long a host may take to answer.',
      default: 5000,
      min: 500,
      max: 600_000,
    }),
  }

  protected override readonly blank = { doctor: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Doctor)
    const { limit, forks, timeout } = flags
    return runDoctorCommand({ environment: args.environment, limit, forks, timeoutMs: timeout }, context)
  }
}
