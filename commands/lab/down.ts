import { Command, Flags } from '@oclif/core'
import { labDown } from '../../src/lab/down.js'

export class LabDown extends Command {
  static override summary = 'Remove a lab: its containers, its network and its folder.'
  static override flags = {
    name: Flags.string({ default: 'lab', description: 'name of the lab' }),
    images: Flags.boolean({
      description: 'also remove the images that labs are made from, when no lab uses them',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(LabDown)
    const report = (line: string): void => {
      this.logToStderr(line)
    }
    await labDown({ name: flags.name, images: flags.images, report })
  }
}
