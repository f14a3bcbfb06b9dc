import { Flags } from '@oclif/core'
import { rollback } from '../playbooks/rollback.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg, publishFlags } from '../src/cli/fleet-flags.js'
import { changeRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import { publicationRequest } from '../src/cli/publish-request.js'
import { checkedRelease } from '../src/cli/release-name.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Rollback extends BaseCommand {
  static override summary = 'Go back to the release that was confirmed before this one, or to any other.'
  static override description = `Needs nothing but the hosts, which keep their releases. A release that could not start today (a file that is not as it
was, a certificate that has expired, a module that is gone) is refused before any host is touched. It is published as by
a deploy: one gateway at a time, proved, and taken back when it fails.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> production --to v1.2',
    '<%= config.bin %> <%= command.id %> production --check',
  ]
  static override args = environmentArg
  static override flags = {
    ...publishFlags,
    to: Flags.string({ description: 'Name of the release to go to.', helpValue: 'RELEASE' }),
  }

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Rollback)
    const to = flags.to === undefined ? null : checkedRelease(flags.to)
    const playbookFor = publicationRequest('roll back', flags['allow-unprotected'], (settings) =>
      rollback(settings, to),
    )
    return runPlaybookCommand(changeRequest(args.environment, flags, playbookFor), context)
  }
}
