import { Args, Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { runExecCommand } from '../src/cli/exec-run.js'
import { fleetFlags } from '../src/cli/fleet-flags.js'
import { splitAtDashes } from '../src/cli/passed-words.js'
import type { CommandResult } from '../src/cli/result.js'
import { GwError } from '../src/errors.js'

export default class Exec extends BaseCommand {
  static override summary =
    'Run a command on hosts, in parallel, as root when the environment says how to become root.'
  static override description = `The command follows --. Several words are a command and its arguments and arrive exactly as given; a single word
is a line for the host's shell.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production gateways -- systemctl is-active nginx',
    `<%= config.bin %> <%= command.id %> production gw-1,admin -- 'df -h / | tail -n 1'`,
  ]
  static override usage = '<%= command.id %> ENVIRONMENT GROUP [FLAGS] -- COMMAND'
  static override args = {
    environment: Args.string({
      description: 'Name under inventory/, or the path of an inventory.',
      required: true,
      ignoreStdin: true,
    }),
    group: Args.string({
      description: 'Hosts and groups, comma-separated; all for every host.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    ...fleetFlags,
    timeout: Flags.integer({ description: 'Seconds that the command may take.', default: 600, min: 1 }),
  }

  protected override readonly blank = { output: {} }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { own, passed: words } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(Exec, own)
    if (words.length === 0)
      throw new GwError('USAGE', 'no command is given', {
        nextSteps: ['Write it after --, e.g. gw exec lab gateways -- uptime'],
      })
    const request = {
      environment: args.environment,
      limit: flags.limit,
      forks: flags.forks,
      pattern: args.group,
    }
    return runExecCommand({ ...request, words, timeoutMs: flags.timeout * 1000 }, context)
  }
}
