import { describe, expect, it } from 'vitest'
import { Outside } from '../../src/drill/outside.js'
import { SCENARIOS } from '../../src/drill/scenarios/scenarios.js'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'
import { GwError } from '../../src/errors.js'
import { ScriptedDriver } from '../fakes/scripted-connection.js'
import { drillOptions } from './drill-options.js'

const REFUSED = new GwError('CONNECTION_REFUSED', 'nothing listens there', { host: 'gw-1' })

/** What is told of gateways none of which can be asked. */
async function troublesOf(name: ScenarioName, disturbed: readonly string[]): Promise<string[]> {
  const driver = new ScriptedDriver({ 'gw-1': REFUSED, 'gw-2': REFUSED })
  const options = drillOptions({ driver, resolveSecret: () => Promise.reject(new Error('no secret')) })
  const scenario = SCENARIOS.find((each) => each.name === name)
  if (scenario === undefined) throw new Error(`there is no ${name}`)
  const outside = new Outside(scenario, disturbed, options)
  try {
    return await outside.troubles()
  } finally {
    await outside.close()
  }
}

describe('what is not well outside a fault', () => {
  it('is looked for where nothing was disturbed', async () => {
    expect(await troublesOf('nginx-stopped', ['gw-1'])).toEqual(['gw-2 cannot be asked any more'])
  })

  it('is looked for on all gateways where all are disturbed, in some phases', async () => {
    expect(await troublesOf('pool-lost', ['gw-1', 'gw-2'])).toEqual([
      'gw-1 cannot be asked any more',
      'gw-2 cannot be asked any more',
    ])
  })
})
