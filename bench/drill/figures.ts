import type { Kind } from '../../src/drill/sample.js'
import type { DrillVerdict, ScenarioReport } from '../../src/drill/report.js'
import { SCENARIO_NAMES, type ScenarioName } from '../../src/drill/scenarios/names.js'

/** How long an outage may be at the 99th percentile, in milliseconds; scenarios without a goal are not here. */
const GOALS: Readonly<Partial<Record<ScenarioName, number>>> = {
  'nginx-stopped': 50,
  'nginx-killed': 50,
  'nginx-hung': 600,
  'keepalived-stopped': 50,
  'host-frozen': 250,
  'host-cut': 250,
  handover: 50,
}

/** The planned one, in which no request over a new connection may fail. */
const PLANNED: ScenarioName = 'handover'

/** All runs of a scenario. Times are in milliseconds, ascending. */
export interface Figures {
  readonly name: ScenarioName
  /** How often it ran in how many ways. */
  readonly verdicts: Readonly<Partial<Record<DrillVerdict, number>>>
  readonly runs: number
  /** What each run reports as its outage: the worse of `tcp` and `tls`. */
  readonly outages: readonly number[]
  readonly silences: Readonly<Record<NewKind, readonly number[]>>
  /** Requests that failed, in all runs. */
  readonly failed: Readonly<Record<NewKind, number>>
  /** From the fault until another gateway had the virtual IP, of the runs in which one took it. */
  readonly taken: readonly number[]
}

/** Kinds of new connections. */
type NewKind = Extract<Kind, 'tcp' | 'tls'>

/** Scenarios in their order, each with what its runs saw; none that did not run. */
export function figuresOf(scenarios: readonly ScenarioReport[]): Figures[] {
  return SCENARIO_NAMES.flatMap((name) => {
    const runs = scenarios.filter((scenario) => scenario.name === name)
    return runs.length === 0 ? [] : [figuresOfOne(name, runs)]
  })
}

/** Whether a scenario met its goal; null for one without. */
export function meetsGoal({ name, outages, runs, failed }: Figures): boolean | null {
  const goal = GOALS[name]
  if (goal === undefined) return null
  const isAnswered = name !== PLANNED || failed.tcp + failed.tls === 0
  return outages.length === runs && (percentile(outages, 0.99) ?? Infinity) < goal && isAnswered
}

/** Two tables in Markdown: outages with their goals, and what they are made of. `wanted` is how often each was to run. */
export function tablesOf(all: readonly Figures[], wanted: number): string {
  const outages = [
    '| scenario | runs | p50 | p99 | max | failed, tcp | failed, tls | goal |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...all.map((figures) => outageRow(figures, wanted)),
  ]
  const parts = [
    '| scenario | tcp p50 | tcp max | tls p50 | tls max | address taken p50 | address taken max | verdicts |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...all.map(partsRow),
  ]
  return [...outages, '', ...parts].join('\n')
}

function outageRow(figures: Figures, wanted: number): string {
  const { name, runs, outages, failed } = figures
  const ran = runs === wanted ? String(runs) : `${runs} of ${wanted}`
  const places = [0.5, 0.99, 1].map((share) => shown(percentile(outages, share)))
  return rowOf([`\`${name}\``, ran, ...places, String(failed.tcp), String(failed.tls), goalCell(figures)])
}

function goalCell(figures: Figures): string {
  const goal = GOALS[figures.name]
  if (goal === undefined) return ''
  const planned = figures.name === PLANNED ? ', none failed' : ''
  return `under ${goal} ms${planned}: ${meetsGoal(figures) === true ? 'met' : 'missed'}`
}

function partsRow({ name, silences, taken, verdicts }: Figures): string {
  const places = [silences.tcp, silences.tls, taken].flatMap((times) => [
    shown(percentile(times, 0.5)),
    shown(percentile(times, 1)),
  ])
  const counts = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`)
  return rowOf([`\`${name}\``, ...places, counts.join(', ')])
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function shown(ms: number | null): string {
  return ms === null ? '' : `${ms.toFixed(0)} ms`
}

function figuresOfOne(name: ScenarioName, runs: readonly ScenarioReport[]): Figures {
  const verdicts: Partial<Record<DrillVerdict, number>> = {}
  for (const { verdict } of runs) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  return {
    ...{ name, verdicts, runs: runs.length },
    outages: ascending(runs.map(({ outageMs }) => outageMs)),
    silences: { tcp: silencesOf(runs, 'tcp'), tls: silencesOf(runs, 'tls') },
    failed: { tcp: failedOf(runs, 'tcp'), tls: failedOf(runs, 'tls') },
    taken: ascending(runs.map(takenMs)),
  }
}

function silencesOf(runs: readonly ScenarioReport[], kind: NewKind): number[] {
  return ascending(clientsOf(runs, kind).map(({ silence }) => silence?.ms ?? null))
}

function failedOf(runs: readonly ScenarioReport[], kind: NewKind): number {
  return clientsOf(runs, kind).reduce((sum, { failed }) => sum + failed, 0)
}

function clientsOf(runs: readonly ScenarioReport[], kind: NewKind): ScenarioReport['clients'][number][] {
  return runs.flatMap(({ clients }) => clients.filter((each) => each.kind === kind))
}

/**
 * Who had it before does not count, nor does whoever took it once the fault was undone. Two hosts' clocks are compared here:
 * a time may be too short, and less than 0, by as much as these may be off.
 */
function takenMs({ holders, holderBefore, disturbedAt, undoneAt, clocks }: ScenarioReport): number | null {
  if (disturbedAt === null) return null
  const unsureMs = clocks.reduce((sum, { errorMs }) => sum + errorMs, 0)
  const taker = holders.find(
    ({ host, from }) =>
      host !== holderBefore && from >= disturbedAt - unsureMs && from <= (undoneAt ?? Infinity),
  )
  return taker === undefined ? null : taker.from - disturbedAt
}

function ascending(times: readonly (number | null)[]): number[] {
  return times.filter((ms) => ms !== null).sort((one, other) => one - other)
}

/** The smallest of ascending numbers that so many are not above: of 20, the 99th percentile is the highest. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
