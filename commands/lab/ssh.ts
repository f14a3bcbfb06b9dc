import { Args, Command, Flags } from '@oclif/core'
import { labSsh } from '../../src/lab/ssh.js'

export class LabSsh extends Command {
  static override summary = 'Open a shell on a host of a lab, or run a command there.'
  static override examples = ['gw lab ssh gw-1', 'gw lab ssh gw-1 -- systemctl status nginx']
  static override strict = false
  static override args = {
    host: Args.string({ required: true, description: 'name of the host, gw-1 for example' }),
  }
  static override flags = { name: Flags.string({ default: 'lab', description: 'name of the lab' }) }

  async run(): Promise<void> {
    const { args, flags, argv } = await this.parse(LabSsh)
    const command = argv.slice(1).map(String)
    process.exitCode = await labSsh({ name: flags.name, host: args.host, command })
  }
}
