import { Args, loadHelpClass } from '@oclif/core'
import { BaseCommand } from '../src/cli/base-command.js'
import type { CommandResult } from '../src/cli/result.js'
import { EXIT } from '../src/errors.js'

export default class Help extends BaseCommand {
  static override summary = 'Show the commands, or all about one of them.'
  static override examples = ['<%= config.bin %> <%= command.id %> deploy', '<%= config.bin %> deploy --help']
  static override strict = false
  static override args = {
    command: Args.string({ description: 'A command, "lab up" for example.', ignoreStdin: true }),
  }
  static override usage = '<%= command.id %> [COMMAND]'

  protected override async execute(): Promise<CommandResult> {
    const { argv } = await this.parse(Help)
    const HelpPage = await loadHelpClass(this.config)
    await new HelpPage(this.config).showHelp(argv.map(String))
    return { exitCode: EXIT.done, environment: null, text: '' }
  }
}
