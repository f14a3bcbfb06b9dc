import { Args } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { DrillHistory, drillFolder } from '../src/cli/drill-history.js'
import { drillsFlags } from '../src/cli/drills-flags.js'
import { runDrillsCommand } from '../src/cli/drills-run.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Drills extends BaseCommand {
  static override summary =
    'Show the failover drills that were run from this machine, one of them, or a scenario over time.'
  static override description = `Contacts no host. Every drill is kept under $XDG_STATE_HOME/gw/drills (~/.local/state/gw/drills) with its page, which a
browser shows without a network; the last 200 are kept.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> production --scenario nginx-killed',
    '<%= config.bin %> <%= command.id %> --run 3fa9',
    '<%= config.bin %> <%= command.id %> production --html drill.html',
  ]
  static override args = {
    environment: Args.string({
      description: 'Only drills of this environment: its name, or the path of its inventory.',
      ignoreStdin: true,
    }),
  }
  static override flags = drillsFlags

  protected override readonly blank = { drills: null, html: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Drills)
    const { run, scenario, html, last } = flags
    const history = new DrillHistory(drillFolder(process.env))
    return runDrillsCommand({ history, environment: args.environment, run, scenario, html, last }, context)
  }
}
