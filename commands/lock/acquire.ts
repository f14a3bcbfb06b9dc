import { Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { durationFlag } from '../../src/cli/duration-flag.js'
import { environmentArg, fleetFlags, lockFlags } from '../../src/cli/fleet-flags.js'
import { runLockAcquire } from '../../src/cli/lock-acquire.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class LockAcquire extends BaseCommand {
  static override summary = 'Keep everybody from changing the gateways for a while.'
  static override examples = [
    `<%= config.bin %> <%= command.id %> production --reason 'moving the rack' --for 2h`,
  ]
  static override args = environmentArg
  static override flags = {
    ...fleetFlags,
    'lock-wait': lockFlags['lock-wait'],
    reason: Flags.string({ description: 'Why, for those who find the gateways locked.', required: true }),
    for: durationFlag('for', {
      description: 'How long the lock lasts when nobody lets it go.',
      default: 3_600_000,
      min: 1000,
      max: 86_400_000,
    }),
  }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(LockAcquire)
    const { limit, forks, reason } = flags
    const selection = { environment: args.environment, limit, forks }
    const times = { forMs: flags.for, lockWaitMs: flags['lock-wait'] }
    return runLockAcquire({ ...selection, ...times, reason }, context)
  }
}
