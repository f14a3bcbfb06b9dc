import { Flags } from '@oclif/core'
import { PHASES } from '../model/health.js'
import { durationFlag } from './duration-flag.js'

const SECOND = 1000

/** What `gw health` prints. */
export const FORMATS = ['table', 'prometheus', 'nagios'] as const
export type HealthFormat = (typeof FORMATS)[number]

/** Flags of `gw health`, beside those of every command that asks hosts. */
export const healthFlags = {
  phase: Flags.option({
    description: 'Only this phase, and no checks of the fleet. May be given again for more.',
    options: PHASES,
    multiple: true,
  })(),
  format: Flags.option({
    description:
      "For people, for a textfile of Prometheus' node exporter, or one line for Nagios with its exit codes.",
    options: FORMATS,
    default: 'table' as const,
    exclusive: ['json'],
  })(),
  watch: Flags.boolean({
    description: 'Look again and again until Ctrl-C; what changed is marked.',
    exclusive: ['json', 'wait', 'format'],
  }),
  interval: durationFlag('interval', {
    description: 'How long --watch and --wait pause between two looks.',
    default: 2 * SECOND,
    min: SECOND / 2,
    max: 3600 * SECOND,
  }),
  wait: durationFlag('wait', {
    description: 'Look again until all is healthy, for so long at most.',
    default: 0,
    min: 0,
    max: 86_400 * SECOND,
  }),
  timeout: durationFlag('timeout', {
    description: 'How long a gateway may take to answer.',
    default: 5 * SECOND,
    min: SECOND / 2,
    max: 600 * SECOND,
  }),
}
