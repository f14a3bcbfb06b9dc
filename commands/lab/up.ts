import { Flags } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandContext } from '../../src/cli/base-command.js'
import { labNameFlag } from '../../src/cli/lab-flags.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { labUp } from '../../src/lab/up.js'

export default class LabUp extends BaseCommand {
  static override description = 'Bring up a lab: bare Debian hosts in containers, on a network of their own.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name bench --plain 10',
  ]
  static override flags = {
    ...labNameFlag,
    plain: Flags.integer({
      description: 'Extra bare hosts plain-1, plain-2, ... [default: as many as the lab has]',
    }),
  }

  protected override readonly blank = { lab: null }

  protected override async execute({ report, interrupts }: CommandContext): Promise<CommandResult> {
    const { name, plain } = (await this.parse(LabUp)).flags
    const { lab, files, changed } = await labUp({
      name,
      ...(plain === undefined ? {} : { plain }),
      report,
      signal: interrupts.stop,
    })
    return {
      exitCode: EXIT.done,
      environment: null,
      text: `inventory: ${files.inventory}`,
      data: { lab: { ...lab, inventory: files.inventory, changed } },
    }
  }
}
