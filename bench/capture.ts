import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ScenarioName } from '../src/drill/scenarios/names.js'
import { onBenchLab, say, type BenchLab } from './drill/bench-lab.js'
import {
  compared,
  comparisonTable,
  greatestDifference,
  punctual,
  type Comparison,
} from './drill/comparison.js'
import { capturedDuring, requireTcpdump } from './drill/packet-capture.js'
import { segmentsIn } from './drill/pcap.js'
import { scenariosNamed } from './drill/scenarios.js'
import { answersIn } from './drill/wire.js'

/**
 * Whether the outage that gw reports is the one on the wire, in a lab of its own:
 * `npx tsx bench/capture.ts [--runs 3] [--scenario NAME ...] [--lab NAME] [--out FILE] [--keep]`. tcpdump looks at the lab's
 * bridge during drills. Prints a table in Markdown; the file gets when the outages began and ended. Ends with 1 when a
 * difference is greater than the goal, but for runs in which gw was late itself.
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    scenario: {
      type: 'string',
      multiple: true,
      default: ['nginx-stopped', 'nginx-hung', 'keepalived-stopped', 'host-frozen', 'host-cut', 'handover'],
    },
    lab: { type: 'string', default: 'bench' },
    out: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

const GOAL_MS = 20

async function comparisonsOf(lab: BenchLab, name: ScenarioName): Promise<Comparison[]> {
  const names = Array.from({ length: Number(values.runs) }, () => name)
  const place = { name: lab.name, address: lab.virtualIp }
  const { result: report, capture } = await capturedDuring(place, () => lab.drill(names))
  if (report?.verdict !== 'pass') await lab.mend()
  const answers = answersIn(segmentsIn(capture), `${lab.virtualIp}:443`)
  return (report?.scenarios ?? []).flatMap((scenario) => compared(scenario, answers))
}

await requireTcpdump()
await onBenchLab({ name: values.lab, keep: values.keep }, async (lab) => {
  const names = scenariosNamed(values.scenario)
  const comparisons: Comparison[] = []
  for (const name of names) {
    if (lab.stop.aborted) break
    const found = await comparisonsOf(lab, name)
    comparisons.push(...found)
    say(
      `${name}: gw is off by ${greatestDifference(found).toFixed(1)} ms at most, of ${found.length} outages`,
    )
    if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(comparisons))
  }
  const exact = punctual(comparisons, GOAL_MS)
  const worst = greatestDifference(exact)
  console.log(comparisonTable(comparisons))
  console.log(`\noff by ${greatestDifference(comparisons).toFixed(1)} ms at most`)
  console.log(
    `${exact.length} of ${comparisons.length} are of runs in which gw was not late by more than ${GOAL_MS} ms: ` +
      `off by ${worst.toFixed(1)} ms at most; the goal is ${GOAL_MS} ms`,
  )
  const isWhole = comparisons.length === names.length * Number(values.runs) * 2
  process.exitCode = isWhole && exact.length > 0 && worst <= GOAL_MS ? 0 : 1
})
