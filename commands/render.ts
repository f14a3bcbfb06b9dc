import { Flags } from '@oclif/core'
import { BaseCommand, type CommandContext } from '../src/cli/base-command.js'
import { environmentArg } from '../src/cli/fleet-flags.js'
import { DEFAULT_NGINX, runRenderCommand } from '../src/cli/render-run.js'
import type { CommandResult } from '../src/cli/result.js'

export default class Render extends BaseCommand {
  static override summary = 'Render every file of every gateway host, without contacting one.'
  static override description = `For review, for CI, and for NGINX's own test at home. The certificates are checked as a deploy checks them. Private keys
are shown as \`***\`; only --out writes them, for the eyes of their owner.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --host gw-1 --out build/render',
    '<%= config.bin %> <%= command.id %> staging --no-keys --nginx 1.30.0 --json',
  ]
  static override args = environmentArg
  static override flags = {
    host: Flags.string({
      description: 'Only this gateway host, or the hosts of a group.',
      helpValue: 'HOST|GROUP',
    }),
    out: Flags.string({
      description:
        'Write to DIR/HOST/... instead of stdout. DIR is replaced whole; it may be absent, empty, or an earlier render.',
      helpValue: 'DIR',
    }),
    nginx: Flags.string({
      description: 'The NGINX to render for, as `nginx -v` tells it; versions differ in a few directives.',
      helpValue: 'VERSION',
      default: DEFAULT_NGINX,
    }),
    'no-keys': Flags.boolean({
      description: 'Put a throwaway certificate in place of the real ones, so that no key is needed.',
    }),
  }

  protected override readonly blank = { files: {}, out: null }

  protected override async execute(context: CommandContext): Promise<CommandResult> {
    const { args, flags } = await this.parse(Render)
    const { host, out, nginx, 'no-keys': withoutKeys } = flags
    return runRenderCommand({ environment: args.environment, host, out, nginx, withoutKeys }, context)
  }
}
