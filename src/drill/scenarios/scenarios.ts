import { SCENARIO_NAMES, type ScenarioName } from './names.js'
import { nginxStopped } from './nginx-stopped.js'
import type { Scenario } from './scenario.js'

const BY_NAME = new Map<ScenarioName, Scenario>([nginxStopped].map((each) => [each.name, each]))

/** All scenarios, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = SCENARIO_NAMES.flatMap((name) => BY_NAME.get(name) ?? [])
