import { Flags } from '@oclif/core'
import { deploy } from '../playbooks/deploy.js'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { deployOf } from '../src/cli/deploy-request.js'
import { environmentArg, publishFlags } from '../src/cli/fleet-flags.js'
import { changeRequest } from '../src/cli/playbook-request.js'
import { runPlaybookCommand } from '../src/cli/playbook-run.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Deploy extends BaseCommand {
  static override summary = 'Make the gateways of an environment match its inventory.'
  static override description = `The configuration becomes a release that lies tested on every gateway before one of them publishes it. It is published
one gateway at a time, the holder of the virtual IP last, and proved from outside; when one fails, all of them go back. A
gateway that gw cannot reach any more takes an unconfirmed release back by itself.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --check',
    '<%= config.bin %> <%= command.id %> production --release v2.0 --lock-wait 10m',
    '<%= config.bin %> <%= command.id %> staging --limit gw-2 --yes',
  ]
  static override args = environmentArg
  static override flags = {
    ...publishFlags,
    release: Flags.string({
      description: 'Name of the release. Default: the next minor, v1.3 after v1.2.',
      helpValue: 'NAME',
    }),
    adopt: Flags.boolean({
      description: 'Keep what was edited by hand on the gateways as a release of its own first.',
      exclusive: ['overwrite'],
    }),
    overwrite: Flags.boolean({
      description: 'Put what was edited by hand aside (to /var/backups/gw) and replace it.',
    }),
  }

  protected override readonly blank = { changed: null, release: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Deploy)
    const drift = flags.adopt ? 'adopt' : flags.overwrite ? 'overwrite' : 'refuse'
    const wish = { release: flags.release, drift, unprotected: flags['allow-unprotected'] } as const
    const request = changeRequest(args.environment, flags, deployOf(deploy, wish, context))
    return runPlaybookCommand(request, context)
  }
}
