import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandContext } from '../../src/cli/base-command.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { labSsh } from '../../src/lab/ssh.js'

export default class LabSsh extends BaseCommand {
  static override description = 'Open a shell on a host of a lab, or run a command there.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> gw-1',
    '<%= config.bin %> <%= command.id %> gw-1 -- systemctl status nginx',
  ]
  static override strict = false
  static override usage = '<%= command.id %> HOST [FLAGS] [-- COMMAND]'
  static override args = {
    host: Args.string({ required: true, description: 'Name of the host, gw-1 for example.' }),
  }
  static override flags = { name: Flags.string({ default: 'lab', description: 'Name of the lab.' }) }

  protected override async execute({ json }: CommandContext): Promise<CommandResult> {
    const { args, flags, argv } = await this.parse(LabSsh)
    const command = argv.slice(1).map(String)
    await labSsh({ name: flags.name, host: args.host, command, output: json ? 'stderr' : 'stdout' })
    return { exitCode: EXIT.done, environment: null, text: '' }
  }
}
