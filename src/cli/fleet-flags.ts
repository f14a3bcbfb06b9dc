import { Args, Flags } from '@oclif/core'

/**
 * The environment argument that commands on a fleet take. Left to itself the framework would read a missing one from
 * standard input, and a deploy in a `while read` loop would go wherever the next line says.
 */
export const environmentArg = {
  environment: Args.string({
    description:
      'Name under inventory/, or the path of an inventory. Default: GW_ENV, else default_environment of gw.yml.',
    ignoreStdin: true,
  }),
}

/** Flags of every command that goes to hosts. */
export const fleetFlags = {
  limit: Flags.string({
    description: 'Only these hosts or groups, comma-separated.',
    helpValue: 'HOST|GROUP',
  }),
  forks: Flags.integer({
    description: 'How many hosts are worked on at once.',
    default: 50,
    min: 1,
    max: 1000,
  }),
}

/** Flags of every command that changes hosts. */
export const changeFlags = {
  ...fleetFlags,
  yes: Flags.boolean({ char: 'y', description: 'Change without asking.' }),
  check: Flags.boolean({
    description: 'Show what would change, with the diff, and change nothing.',
    aliases: ['dry-run'],
  }),
}

/** What the argument and the flags above select: an environment, and how to go about its hosts. */
export interface FleetSelection {
  readonly environment: string | undefined
  readonly limit: string | undefined
  readonly forks: number
}
