import { SCENARIOS } from '../drill/scenarios/scenarios.js'
import type { Expectation } from '../drill/scenarios/scenario.js'
import { EXIT } from '../errors.js'
import type { CommandContext } from './base-command.js'
import { NO_DRILL } from './drill-json.js'
import type { CommandResult } from './result.js'

const EXPECTED: Readonly<Record<Expectation, string>> = {
  moves: 'another gateway takes the virtual IP',
  stays: 'the virtual IP stays where it is',
  splits: 'two gateways have the virtual IP until it is undone, and that is seen',
}

/** What each scenario does, what is expected of it, and what it may cost. */
export function listScenarios({ terminal }: CommandContext): CommandResult {
  const text = SCENARIOS.map(({ name, summary, expects, risk }) =>
    [
      terminal.paintOut('bold', name),
      `  ${summary}.`,
      `  Expected: ${EXPECTED[expects]}.`,
      `  Risk: ${risk}.`,
    ].join('\n'),
  ).join('\n\n')
  const known = SCENARIOS.map(({ name, summary, expects, risk }) => ({ name, summary, expects, risk }))
  return { exitCode: EXIT.done, environment: null, text, data: { ...NO_DRILL, known } }
}
