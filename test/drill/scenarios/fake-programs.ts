import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScenarioName } from '../../../src/drill/scenarios/names.js'
import type { Disturbance, Scenario } from '../../../src/drill/scenarios/scenario.js'
import { SCENARIOS } from '../../../src/drill/scenarios/scenarios.js'
import type { Gateway } from '../../../src/model/gateway.js'
import type { Script } from '../../../src/shell/script.js'
import { lines, sh } from '../../../src/shell/script.js'
import { testHost } from '../../engine/fixtures.js'
import { GATEWAY } from '../../health/gateway.js'
import { type Ended, run } from '../../operations/local-shell.js'

export function scenarioOf(name: ScenarioName): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name)
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  return scenario
}

/** What a scenario does to gw-1, whose peer is gw-2. */
export function disturbanceOn(name: ScenarioName, gateway: Gateway = GATEWAY): Disturbance {
  const place = { gateway, host: testHost('gw-1'), peers: [testHost('gw-2')] }
  return scenarioOf(name).disturbanceOn(place)
}

/** Programs of a host that only write down their words, or do what a test says. */
export class FakePrograms {
  readonly dir = mkdtempSync(join(tmpdir(), 'gw-drill-'))

  /** @param programs shell by name; `:` for one that succeeds */
  constructor(programs: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(programs)) {
      const path = join(this.dir, name)
      const note = `{ printf '%s' ${name}; for word; do printf ' <%s>' "$word"; done; echo; } >>'${this.dir}/calls'`
      writeFileSync(path, `#!/bin/sh\n${note}\n${text}\n`)
      chmodSync(path, 0o755)
    }
  }

  run(script: Script, by = 'gw'): Promise<Ended> {
    return run(lines([sh`set -eu; PATH=${this.dir}:$PATH by=${by}`, script]))
  }

  /** A line for each call of a fake program. */
  get calls(): string[] {
    const file = join(this.dir, 'calls')
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  }

  remove(): void {
    rmSync(this.dir, { recursive: true })
  }
}
