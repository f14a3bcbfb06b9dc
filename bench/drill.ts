import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { SCENARIO_NAMES, type ScenarioName } from '../src/drill/scenarios/names.js'
import type { ScenarioReport } from '../src/drill/report.js'
import { onBenchLab, say, type BenchLab } from './drill/bench-lab.js'
import { figuresOf, meetsGoal, tablesOf } from './drill/figures.js'
import { scenariosNamed } from './drill/scenarios.js'

/**
 * How long clients are without an answer in each scenario of `gw failover-drill`, in a lab of its own:
 * `npx tsx bench/drill.ts [--runs 20] [--scenario NAME ...] [--lab NAME] [--out FILE] [--keep]`. Prints tables in Markdown; the
 * file gets what gw kept of every run. Ends with 1 when a goal is missed or a
 * run is missing. A run takes 8 to 20 s.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    scenario: { type: 'string', multiple: true, default: SCENARIO_NAMES.filter((name) => name !== 'reboot') },
    lab: { type: 'string', default: 'bench' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const runs = Number(values.runs)

/** Runs in one drill: one that goes wrong loses no more than these. */
const TOGETHER = 5

/** A scenario that told nothing in so many drills is given up. */
const PATIENCE = 3

/** Scenarios in turns, so that what disturbs the machine for a while is in the figures of all. */
async function measure(lab: BenchLab, names: readonly ScenarioName[]): Promise<ScenarioReport[]> {
  const told: ScenarioReport[] = []
  const idle = new Map<ScenarioName, number>()
  const missing = (name: ScenarioName): number => runs - told.filter((each) => each.name === name).length
  const open = (): ScenarioName[] =>
    names.filter((name) => missing(name) > 0 && (idle.get(name) ?? 0) < PATIENCE)
  while (open().length > 0) {
    for (const name of open()) {
      if (lab.stop.aborted) return told
      const count = Math.min(TOGETHER, missing(name))
      const report = await lab.drill(Array.from({ length: count }, () => name))
      const scenarios = report?.scenarios ?? []
      told.push(...scenarios)
      if (scenarios.length === 0) idle.set(name, (idle.get(name) ?? 0) + 1)
      keep(told)
      say(`${name}: ${runs - missing(name)} of ${runs}; ${scenarios.map(shown).join(', ')}`)
      if (report?.verdict !== 'pass') await lab.mend()
    }
  }
  return told
}

function shown({ verdict, outageMs, latenessMs }: ScenarioReport): string {
  const outage = outageMs === null ? 'nothing measured' : `${outageMs.toFixed(0)} ms`
  return `${outage} (${verdict}, late by ${latenessMs.toFixed(0)} ms)`
}

/** After every drill: an interrupt does not lose what was measured. */
function keep(scenarios: readonly ScenarioReport[]): void {
  if (values.out === undefined) return
  writeFileSync(values.out, JSON.stringify({ conditions: conditions(), scenarios }))
}

function conditions(): string {
  const load = loadavg().map((each) => each.toFixed(1))
  return `Node ${process.versions.node}, ${availableParallelism()} processors, load ${load.join(' ')}, ${new Date().toISOString()}`
}

await onBenchLab({ name: values.lab, keep: values.keep }, async (lab) => {
  const names = scenariosNamed(values.scenario)
  const figures = figuresOf(await measure(lab, names))
  console.log(tablesOf(figures, runs))
  say(conditions())
  const met = figures.filter((each) => each.runs === runs && meetsGoal(each) !== false)
  process.exitCode = met.length === new Set(names).size ? 0 : 1
})
