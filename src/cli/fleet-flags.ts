import { Args, Flags } from '@oclif/core'
import { durationFlag } from './duration-flag.js'

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

const MINUTE = 60_000

/** Flags of every command that takes the locks of hosts. */
export const lockFlags = {
  'lock-wait': durationFlag('lock-wait', {
    description: 'How long to wait for hosts that another run has locked.',
    default: 0,
    min: 0,
    max: 24 * 60 * MINUTE,
  }),
  lease: durationFlag('lease', {
    description:
      'How long hosts go on without a word of gw. After that they take back what is not confirmed, and others may have their lock.',
    default: MINUTE / 2,
    min: 2000,
    max: 60 * MINUTE,
  }),
}

/** Flags of every command that changes hosts. */
export const changeFlags = {
  ...fleetFlags,
  ...lockFlags,
  reason: Flags.string({
    description: 'Why, for whoever finds the lock or reads what happened to a host.',
    helpValue: 'TEXT',
    default: '',
  }),
  yes: Flags.boolean({ char: 'y', description: 'Change without asking.' }),
  check: Flags.boolean({
    description: 'Show what would change, with the diff, and change nothing.',
    aliases: ['dry-run'],
  }),
}

/** Flags of commands that publish a release. */
export const publishFlags = {
  ...changeFlags,
  'on-failure': Flags.option({
    description:
      'When one host fails: all of them go back, or those stay changed on which the release was proved.',
    options: ['revert', 'keep'] as const,
    default: 'revert' as const,
  })(),
  'allow-unprotected': Flags.boolean({
    description: 'Change a gateway even when no other one could take the virtual IP.',
  }),
}

/** What the argument and the flags above select: an environment, and how to go about its hosts. */
export interface FleetSelection {
  readonly environment: string | undefined
  readonly limit: string | undefined
  readonly forks: number
}
