import { Flags } from '@oclif/core'
import { GwError } from '../errors.js'
import { formatDuration, parseDuration } from '../inventory/duration.js'

interface DurationFlag {
  readonly description: string
  /** Milliseconds, as all of them. */
  readonly default: number
  readonly min: number
  readonly max: number
}

/** A flag whose value is a duration such as `30s` or `10m`; commands get milliseconds. */
export function durationFlag(name: string, { description, default: unset, min, max }: DurationFlag) {
  return Flags.custom<number>({
    description: `${description} Default: ${formatDuration(unset)}.`,
    helpValue: 'DURATION',
    default: () => Promise.resolve(unset),
    noCacheDefault: true,
    parse: (written) => {
      const ms = parseDuration(written)
      if (ms !== null && ms >= min && ms <= max) return Promise.resolve(ms)
      const message = `--${name} is a duration from ${formatDuration(min)} to ${formatDuration(max)}, not ${JSON.stringify(written)}`
      throw new GwError('USAGE', message, {
        nextSteps: ['Write a whole number and ms, s, m, h or d, e.g. 30s.'],
      })
    },
  })()
}
