import { Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, fleetFlags } from '../../src/cli/fleet-flags.js'
import { runLockRelease } from '../../src/cli/lock-release.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class LockRelease extends BaseCommand {
  static override summary = 'Let go what gw lock acquire took, and the locks of runs that did not end.'
  static override description =
    'What a run that did not end had published without confirming it is undone. A lock that a run still renews is left alone, ' +
    'unless --force is given: that run can change nothing more then, and fails.'
  static override examples = ['<%= config.bin %> <%= command.id %> production']
  static override args = environmentArg
  static override flags = {
    ...fleetFlags,
    force: Flags.boolean({ description: 'Let go locks that runs still renew, too.' }),
    yes: Flags.boolean({ char: 'y', description: 'Force it without asking.' }),
  }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(LockRelease)
    const { limit, forks, force, yes } = flags
    return runLockRelease({ environment: args.environment, limit, forks, force, yes }, context)
  }
}
