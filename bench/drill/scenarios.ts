import { SCENARIO_NAMES, type ScenarioName } from '../../src/drill/scenarios/names.js'

/** Scenarios by their names as they were typed. @throws Error for one that is none */
export function scenariosNamed(names: readonly string[]): ScenarioName[] {
  return names.map((typed) => {
    const found = SCENARIO_NAMES.find((name) => name === typed)
    if (found === undefined) throw new Error(`there is no scenario ${typed}`)
    return found
  })
}
