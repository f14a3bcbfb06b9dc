import { Flags } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandContext } from '../../src/cli/base-command.js'
import { labNameFlag } from '../../src/cli/lab-flags.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { labDown } from '../../src/lab/down.js'

export default class LabDown extends BaseCommand {
  static override description = 'Remove a lab: its containers, its network and its folder.'
  static override examples = ['<%= config.bin %> <%= command.id %> --name bench']
  static override flags = {
    ...labNameFlag,
    images: Flags.boolean({
      description: 'Also remove the images that labs are made from, when no lab uses them.',
    }),
  }

  protected override async execute({ report }: CommandContext): Promise<CommandResult> {
    const { flags } = await this.parse(LabDown)
    await labDown({ name: flags.name, images: flags.images, report })
    return { exitCode: EXIT.done, environment: null, text: '' }
  }
}
