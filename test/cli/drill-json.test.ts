import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { drillJson } from '../../src/cli/drill-json.js'
import { DRILL_CASES, drillCase } from '../drill/drill-cases.js'
import { ROOT } from '../root.js'

type Scenario = Readonly<Record<string, unknown>>

function scenariosOf(title: string): Scenario[] {
  return drillJson(drillCase(title).report, null)['scenarios'] as Scenario[]
}

describe('what --json has of a drill', () => {
  it('is its verdict, what was not begun, its page, and figures of its scenarios', () => {
    const { report } = drillCase('an aborted one, undone by the host')
    const json = drillJson(report, '/state/page.html')
    expect(json).toMatchObject({
      verdict: 'aborted',
      skipped: ['disk-full', 'reboot'],
      report: '/state/page.html',
    })
    expect(scenariosOf('an aborted one, undone by the host')[1]).toMatchObject({
      ...{ name: 'host-cut', verdict: 'aborted', undoneBy: 'host', outageMs: 1843 },
      ...{ sent: 5640, failed: 1104, cut: 12, disturbedAt: 2200, undoneAt: 4020, durationMs: 9400 },
      clients: {
        tls: { sent: 1880, failed: 368, outageMs: 1843, failures: { timeout: 306, unreachable: 62 } },
      },
    })
  })

  it('has null for what was not measured or did not come about', () => {
    const nothing = { outageMs: null, sent: null, failed: null, cut: null, clients: {} }
    expect(scenariosOf('nothing was measured')[0]).toMatchObject({
      ...nothing,
      ...{ disturbedAt: null, undoneAt: null, undoneBy: null, holderAfter: null },
    })
  })

  it('has the keys that the published schema names', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'docs/output.schema.json'), 'utf8')) as {
      properties: { scenarios: { items: { properties: object } } }
    }
    const known = Object.keys(schema.properties.scenarios.items.properties)
    for (const { title } of DRILL_CASES)
      for (const scenario of scenariosOf(title))
        expect(Object.keys(scenario).sort()).toEqual(known.toSorted())
  })
})
