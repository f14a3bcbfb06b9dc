import { describe, expect, it } from 'vitest'
import { closeSpan, outageSpan } from '../../../src/drill/page/outage-span.js'
import type { ScenarioReport } from '../../../src/drill/report.js'
import { drillCase } from '../drill-cases.js'

function scenarioOf(title: string, index = 0): ScenarioReport {
  const scenario = drillCase(title).report.scenarios[index]
  if (scenario === undefined) throw new Error(`${title} has no such scenario`)
  return scenario
}

const TAKEOVER = scenarioOf('a takeover, and the drills before')

const SHORT: ScenarioReport = {
  ...TAKEOVER,
  ...{ durationMs: 500, disturbedAt: 100, undoneAt: 400, clients: [] },
  holders: [{ host: 'gw-2', from: 120, to: null }],
}

describe('the outage that is drawn', () => {
  it('is that by which the scenario is judged', () => {
    expect(outageSpan(TAKEOVER)).toEqual({ kind: 'tls', from: 2177.9, to: 2209.3 })
    const split = scenarioOf('a split brain')
    expect(outageSpan(split)).toEqual({ kind: 'tcp', from: 8441, to: 8463.8 })
  })

  it('is none where nothing was measured', () => {
    expect(outageSpan(scenarioOf('nothing was measured'))).toBeNull()
  })
})

describe('the time around the fault', () => {
  it('reaches from before it until another gateway has the virtual IP and answers', () => {
    expect(closeSpan(TAKEOVER)).toEqual({ from: 2180 - 60, to: 2209.3 + 120 })
    const { from, to } = closeSpan(scenarioOf('a split brain')) ?? { from: 0, to: 0 }
    expect(from).toBeLessThan(2500)
    expect(to).toBeGreaterThan(3002.8)
    expect(to).toBeLessThan(3500)
  })

  it('does not reach to an outage that comes later, at the undo', () => {
    const later = { fromMs: 6000, toMs: 6100, ms: 100, unknownMs: 0, isOver: true }
    const clients = TAKEOVER.clients.map((each) => ({ ...each, silence: later }))
    expect(closeSpan({ ...TAKEOVER, outageMs: 100, clients })?.to).toBeCloseTo(2197.9 + 120)
  })

  it.each([
    ['nothing was disturbed', scenarioOf('nothing was measured')],
    ['nothing happened', scenarioOf('the virtual IP stays')],
    ['it is most of the scenario', SHORT],
    ['the scenario ended before it', { ...TAKEOVER, durationMs: 400 }],
  ])('is not drawn when %s', (_when, scenario) => {
    expect(closeSpan(scenario)).toBeNull()
  })
})
