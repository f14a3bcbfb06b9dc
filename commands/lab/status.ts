import { Command, Flags } from '@oclif/core'
import { labStatus, statusLines } from '../../src/lab/status.js'

export class LabStatus extends Command {
  static override summary = "Show a lab's hosts, their addresses and whether they run."
  static override flags = { name: Flags.string({ default: 'lab', description: 'name of the lab' }) }

  async run(): Promise<void> {
    const { flags } = await this.parse(LabStatus)
    for (const line of statusLines(await labStatus({ name: flags.name }))) this.log(line)
  }
}
