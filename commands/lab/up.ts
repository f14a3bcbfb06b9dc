import { Command, Flags } from '@oclif/core'
import { labUp } from '../../src/lab/up.js'

export class LabUp extends Command {
  static override summary =
    'Bring up a lab: real Debian hosts in containers, bare, on a network of their own.'
  static override examples = ['gw lab up', 'gw lab up --name bench --plain 10']
  static override flags = {
    name: Flags.string({ default: 'lab', description: 'name of the lab; labs do not touch each other' }),
    plain: Flags.integer({
      description: 'extra bare hosts plain-1, plain-2, ... (default: as many as the lab has)',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(LabUp)
    const report = (line: string): void => {
      this.logToStderr(line)
    }
    const running = await labUp({
      name: flags.name,
      ...(flags.plain === undefined ? {} : { plain: flags.plain }),
      report,
    })
    this.log(`inventory: ${running.files.inventory}`)
  }
}
