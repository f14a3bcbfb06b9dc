import { BaseCommand } from '../../src/cli/base-command.js'
import { labNameFlag } from '../../src/cli/lab-flags.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { labStatus, statusLines } from '../../src/lab/status.js'

export default class LabStatus extends BaseCommand {
  static override description = "Show a lab's hosts, their addresses and whether they run."
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = labNameFlag

  protected override readonly blank = { lab: null }

  protected override async execute(): Promise<CommandResult> {
    const { flags } = await this.parse(LabStatus)
    const lab = await labStatus(flags.name)
    return { exitCode: EXIT.done, environment: null, text: statusLines(lab).join('\n'), data: { lab } }
  }
}
