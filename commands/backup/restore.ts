import { Args } from '@oclif/core'
import { restore } from '../../playbooks/restore.js'
import { checkedBackup } from '../../src/cli/backup-name.js'
import { BaseCommand, type CommandContext } from '../../src/cli/base-command.js'
import { environmentArg, publishFlags } from '../../src/cli/fleet-flags.js'
import { operatorName } from '../../src/cli/operator.js'
import { changeRequest } from '../../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../../src/cli/playbook-run.js'
import { publicationRequest } from '../../src/cli/publish-request.js'
import type { CommandResult } from '../../src/cli/result.js'

export default class Restore extends BaseCommand {
  static override summary = 'Publish the configuration of a backup again, on every gateway.'
  static override description = `The backup becomes a new release, which is tested and published as by a deploy. Its sums are verified on every gateway
before any of them is touched.`
  static override examples = ['<%= config.bin %> <%= command.id %> 20261121T020000Z production']
  static override args = {
    backup: Args.string({ description: 'Name of the backup.', required: true, ignoreStdin: true }),
    ...environmentArg,
  }
  static override flags = publishFlags

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Restore)
    const meta = { createdAt: new Date().toISOString(), by: operatorName(), gw: context.version }
    const intent = { backup: checkedBackup(args.backup), meta }
    const playbookFor = publicationRequest('restore', flags['allow-unprotected'], (settings) =>
      restore(settings, intent),
    )
    return runPlaybookCommand(changeRequest(args.environment, flags, playbookFor), context)
  }
}
