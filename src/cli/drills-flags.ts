import { Flags } from '@oclif/core'
import { SCENARIO_NAMES } from '../drill/scenarios/names.js'

/** Flags of `gw drills`. */
export const drillsFlags = {
  run: Flags.string({
    description: 'Show this drill again; how its name begins is enough.',
    helpValue: 'RUN',
  }),
  scenario: Flags.option({
    description: 'Compare this scenario from drill to drill.',
    options: SCENARIO_NAMES,
    helpValue: 'NAME',
    exclusive: ['run', 'html'],
  })(),
  html: Flags.string({
    description: 'Write the page of a drill to this file: that of --run, else of the newest.',
    helpValue: 'FILE',
  }),
  last: Flags.integer({ description: 'How many drills are listed.', default: 20, min: 1, max: 200 }),
}
