import { Args } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { changeFlags, environmentArg } from '../src/cli/fleet-flags.js'
import { loadPlaybook } from '../src/cli/load-playbook.js'
import { changeRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Run extends BaseCommand {
  static override summary = 'Run a playbook of your own on an environment.'
  static override description = `A playbook is a TypeScript file that exports a value made by playbook() as its default; import everything from 'gw'.
Check mode, diffs, batches and the recap come with it. The file runs as code on this machine.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> motd.ts production --check',
    '<%= config.bin %> <%= command.id %> motd.ts production --limit admin',
  ]
  static override args = {
    playbook: Args.string({ description: 'Path of the playbook.', required: true, ignoreStdin: true }),
    ...environmentArg,
  }
  static override flags = changeFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Run)
    const playbook = await loadPlaybook(args.playbook)
    const prepared = { playbook, warnings: [] }
    const request = changeRequest(args.environment, flags, () => Promise.resolve(prepared))
    return runPlaybookCommand(request, context)
  }
}
