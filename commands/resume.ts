import { resume } from '../playbooks/resume.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg, publishFlags } from '../src/cli/fleet-flags.js'
import { changeRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import { publicationRequest } from '../src/cli/publish-request.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Resume extends BaseCommand {
  static override summary = 'Bring a run that did not end to its end.'
  static override description = `Publishes the release of that run on every gateway of it, from any machine: it needs nothing but the hosts. A run whose
release does not lie on all of them published nothing; gw abort clears what it left.`
  static override examples = ['<%= config.bin %> <%= command.id %> production']
  static override args = environmentArg
  static override flags = publishFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Resume)
    const playbookFor = publicationRequest('resume', flags['allow-unprotected'], resume)
    return runPlaybookCommand(changeRequest(args.environment, flags, playbookFor), context)
  }
}
