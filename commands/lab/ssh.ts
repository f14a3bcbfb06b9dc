import { Args } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandContext } from '../../src/cli/base-command.js'
import { labNameFlag } from '../../src/cli/lab-flags.js'
import { splitAtDashes } from '../../src/cli/passed-words.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { labSsh } from '../../src/lab/ssh.js'

export default class LabSsh extends BaseCommand {
  static override description = 'Open a shell on a host of a lab, or run a command there.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> gw-1',
    '<%= config.bin %> <%= command.id %> gw-1 -- systemctl status nginx',
  ]
  static override usage = '<%= command.id %> HOST [FLAGS] [-- COMMAND]'
  static override args = {
    host: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Name of the host, gw-1 for example.',
    }),
  }
  static override flags = labNameFlag

  protected override async execute({ json }: CommandContext): Promise<CommandResult> {
    const { own, passed: command } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(LabSsh, own)
    await labSsh({ name: flags.name, host: args.host, command, output: json ? 'stderr' : 'stdout' })
    return { exitCode: EXIT.done, environment: null, text: '' }
  }
}
