import { Args } from '@oclif/core'
import { BaseCommand } from '../../src/cli/base-command.js'
import type { CommandResult } from '../../src/cli/result.js'
import { EXIT } from '../../src/errors.js'
import { findProject } from '../../src/inventory/project.js'
import { describeValidation, validateInventories } from '../../src/inventory/validate-inventories.js'

export default class InventoryValidate extends BaseCommand {
  static override description =
    'Check inventories and show every mistake with its place; without names, all of the project.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> staging production',
  ]
  static override strict = false
  static override usage = '<%= command.id %> [ENVIRONMENT...] [FLAGS]'
  static override args = {
    environment: Args.string({
      description: 'Names under inventory/, or paths of inventories.',
      ignoreStdin: true,
    }),
  }

  protected override readonly blank = { inventories: {} }

  protected override async execute(): Promise<CommandResult> {
    const { argv } = await this.parse(InventoryValidate)
    const options = { projectDir: findProject(process.cwd()), env: process.env }
    const validations = await validateInventories(argv.map(String), options)
    const errors = validations.flatMap((validation) => (validation.ok ? [] : [validation.error]))
    return {
      exitCode: errors.length === 0 ? EXIT.done : EXIT.usage,
      environment: null,
      text: validations.map(describeValidation).join('\n'),
      errors,
      data: { inventories: Object.fromEntries(validations.map(({ name, ok }) => [name, { ok }])) },
    }
  }
}
