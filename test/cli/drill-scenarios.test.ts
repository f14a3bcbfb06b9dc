import { describe, expect, it } from 'vitest'
import { listScenarios } from '../../src/cli/drill-scenarios.js'
import { SCENARIO_NAMES } from '../../src/drill/scenarios/names.js'
import { SCENARIOS } from '../../src/drill/scenarios/scenarios.js'
import { cleanText } from '../../src/shell/clean.js'
import { FakeTerminal } from '../fakes/terminal.js'
import { commandContext } from './command-context.js'

describe('the list of scenarios', () => {
  it('has each in the order in which they run, with what is done, what is expected and its risk', () => {
    expect(listScenarios(commandContext()).text).toMatchSnapshot()
    expect(SCENARIOS.map(({ name }) => name)).toEqual(SCENARIO_NAMES)
  })

  it('has them all in --json, and keys of a drill that was not run', () => {
    const { data, exitCode, environment } = listScenarios(commandContext())
    expect([exitCode, environment]).toEqual([0, null])
    expect(data).toMatchObject({ verdict: null, scenarios: [], report: null })
    expect(data?.['known']).toHaveLength(SCENARIO_NAMES.length)
    expect(data?.['known']).toContainEqual({
      name: 'pool-lost',
      summary: 'No server of the largest pool answers any of the gateways any more',
      risk: 'Its routes answer with errors until the undo; moving the virtual IP would help nobody',
      expects: 'stays',
    })
  })

  it('says each in sentences', () => {
    for (const { summary, risk } of SCENARIOS)
      for (const sentence of [summary, risk]) {
        expect(sentence).toMatch(/^[A-Zk].*[^.\s]$/)
        expect(sentence).toBe(cleanText(sentence))
      }
  })

  it('shows names in bold where the terminal can', () => {
    const { text } = listScenarios(commandContext([], new FakeTerminal({ colours: true })))
    expect(text.split('\n')[0]).toBe('<bold>nginx-stopped</>')
  })
})
