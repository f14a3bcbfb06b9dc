import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { defaultEnvironment } from '../../src/inventory/default-environment.js'
import { hostTable, hostView, inventoryView, viewAsYaml } from '../../src/inventory/inventory-view.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { findProject } from '../../src/inventory/project.js'
import { selectHosts } from '../../src/inventory/select-hosts.js'

export default class InventoryShow extends BaseCommand {
  static override description =
    'Show an inventory with everything resolved; secrets appear as references only.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> production',
    '<%= config.bin %> <%= command.id %> production --host gw-1',
    '<%= config.bin %> <%= command.id %> production --yaml',
  ]
  static override args = {
    environment: Args.string({
      description: 'Name under inventory/, or the path of an inventory.',
      ignoreStdin: true,
    }),
  }
  static override flags = {
    host: Flags.string({
      description: 'Show all about this host, or the hosts of a group.',
      helpValue: 'HOST|GROUP',
    }),
    yaml: Flags.boolean({ description: 'Show everything as YAML instead of a table of hosts.' }),
  }

  protected override readonly blank = { inventory: null }

  protected override async execute(): Promise<CommandResult> {
    const { args, flags } = await this.parse(InventoryShow)
    const options = { projectDir: findProject(process.cwd()), env: process.env }
    const inventory = await loadInventory(args.environment ?? (await defaultEnvironment(options)), options)
    const answer = { exitCode: EXIT.done, environment: inventory.environment }
    if (flags.host !== undefined) {
      const hosts = selectHosts(inventory, flags.host).map((host) => [host.name, hostView(host)] as const)
      const view = Object.fromEntries(hosts)
      return { ...answer, text: viewAsYaml(view).trimEnd(), data: { inventory: { hosts: view } } }
    }
    const view = inventoryView(inventory)
    return {
      ...answer,
      text: flags.yaml ? viewAsYaml(view).trimEnd() : hostTable(inventory),
      data: { inventory: view },
    }
  }
}
