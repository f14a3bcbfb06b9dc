import { readFileSync, readdirSync } from 'node:fs'
import type { DrillReport, ScenarioReport } from '../../src/drill/report.js'
import type { RequestBins } from '../../src/drill/request-bins.js'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'

/** Equal bins, one after the other: how many are answered by each gateway in every one, and how many fail. */
interface Run {
  readonly bins: number
  readonly failed?: number
  readonly [gateway: string]: number | undefined
}

interface WrittenBins extends Pick<RequestBins, 'kind' | 'binMs'> {
  readonly runs: readonly Run[]
}

interface WrittenScenario extends Omit<ScenarioReport, 'requests'> {
  readonly requests: readonly WrittenBins[]
}

interface WrittenCase {
  readonly report: Omit<DrillReport, 'scenarios'> & { readonly scenarios: readonly WrittenScenario[] }
  readonly earlier: readonly {
    readonly run: string
    readonly startedAt: string
    readonly outages: Readonly<Partial<Record<ScenarioName, number>>>
  }[]
  readonly text: readonly string[]
}

/** A drill, those before it, and what the terminal shows of it. */
export interface DrillCase {
  readonly title: string
  readonly report: DrillReport
  readonly earlier: readonly DrillReport[]
  readonly text: readonly string[]
}

const FOLDER = new URL('../cases/drill/', import.meta.url)

export const DRILL_CASES: readonly DrillCase[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const written = JSON.parse(readFileSync(new URL(encodeURIComponent(name), FOLDER), 'utf8')) as WrittenCase
    const report = reportOf(written)
    return {
      title: name.replace(/\.json$/, ''),
      report,
      earlier: earlierOf(written, report),
      text: written.text,
    }
  })

/** The drill of a file by its title. */
export function drillCase(title: string): DrillCase {
  const found = DRILL_CASES.find((each) => each.title === title)
  if (found === undefined) throw new Error(`there is no file of ${title}`)
  return found
}

function reportOf({ report }: WrittenCase): DrillReport {
  const scenarios = report.scenarios.map((scenario) => ({
    ...scenario,
    requests: scenario.requests.map(binsOf),
  }))
  return { ...report, scenarios }
}

function binsOf({ kind, binMs, runs }: WrittenBins): RequestBins {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))].filter(
    (name) => name !== 'bins' && name !== 'failed',
  )
  const countsOf = (name: string): number[] =>
    runs.flatMap((run) => new Array<number>(run.bins).fill(run[name] ?? 0))
  return {
    kind,
    binMs,
    failed: countsOf('failed'),
    answered: Object.fromEntries(names.map((name) => [name, countsOf(name)])),
  }
}

/** Of a drill before it only the outages matter. */
function earlierOf({ earlier }: WrittenCase, report: DrillReport): DrillReport[] {
  const [like] = report.scenarios
  if (like === undefined) return []
  return earlier.map(({ run, startedAt, outages }) => ({
    ...report,
    ...{ run, startedAt },
    scenarios: Object.entries(outages).map(([name, outageMs]) => ({
      ...like,
      ...{ name: name as ScenarioName, startedAt, outageMs },
    })),
  }))
}
