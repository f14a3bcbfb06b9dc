import { abort } from '../playbooks/abort.js'
import { endRun } from '../src/cli/abort-run.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg, publishFlags } from '../src/cli/fleet-flags.js'
import { changeRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import { publicationRequest } from '../src/cli/publish-request.js'
import type { CommandResult } from '../src/cli/result.js'

/** A lease that was ended runs out within two seconds on its host. */
const ENDED_LEASE_MS = 10_000

export default class Abort extends BaseCommand {
  static override summary =
    'End a run that hangs or did not end, and take every gateway back to what it had before.'
  static override description = `Ends everything that the run still does on the hosts, from any machine, takes its locks over, undoes what it published
without confirming it, and publishes the release from before where it was confirmed already. Asks before it ends a run
that is still alive.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --yes',
  ]
  static override args = environmentArg
  static override flags = publishFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Abort)
    const playbookFor = publicationRequest('abort', flags['allow-unprotected'], abort)
    const request = changeRequest(args.environment, flags, playbookFor)
    if (!flags.check) await endRun(request, context)
    const lockWaitMs = Math.max(request.lockWaitMs, ENDED_LEASE_MS)
    return runPlaybookCommand({ ...request, lockWaitMs }, context)
  }
}
