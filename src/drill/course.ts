import { splitBrains } from './holdings.js'
import type { Clients } from './summary.js'
import type { DrillReport, ScenarioReport } from './report.js'
import type { ScenarioName } from './scenarios/names.js'

/** Requests of all clients, and connections that were cut. */
export interface Totals {
  readonly sent: number
  readonly failed: number
  readonly cut: number
}

/** Null where nothing was measured. */
export function totalsOf(clients: readonly Clients[]): Totals | null {
  if (clients.length === 0) return null
  const sumOf = (figure: keyof Totals): number => clients.reduce((sum, each) => sum + each[figure], 0)
  return { sent: sumOf('sent'), failed: sumOf('failed'), cut: sumOf('cut') }
}

/** What became of the virtual IP, in words: `gw-1 -> gw-2`; `not seen` where no host was seen to have it. */
export function courseOf(scenario: ScenarioReport): string {
  const path = pathOf(scenario)
  const [first] = path
  if (first === undefined) return 'not seen'
  const splitMs = splitBrains(scenario).reduce((sum, { from, to }) => sum + to - from, 0)
  const split = splitMs === 0 ? '' : `, two had it for ${lastedText(splitMs)}`
  return `${path.length === 1 ? `stayed on ${first}` : path.join(' -> ')}${split}`
}

function lastedText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** The gateways that had the virtual IP, one after the other, as far as it is known. */
function pathOf({ holders, holderBefore, holderAfter }: ScenarioReport): string[] {
  const taken = holders.toSorted((one, other) => one.from - other.from).map(({ host }) => host)
  const known = [holderBefore, ...taken, holderAfter].filter((host) => host !== null)
  return known.filter((host, index) => host !== known[index - 1])
}

/** What a scenario's outage was in a drill. */
export interface PastOutage {
  readonly run: string
  readonly startedAt: string
  readonly outageMs: number
  readonly latenessMs: number
}

/**
 * A scenario's outages in drills of the same environment that began before this one, the newest last: of clients in the same
 * place, and of faults that were not ended early.
 */
export function outagesBefore(
  { run, environment, startedAt, settings }: DrillReport,
  earlier: readonly DrillReport[],
  name: ScenarioName,
): PastOutage[] {
  return earlier
    .filter((drill) => drill.environment === environment && drill.settings.from === settings.from)
    .filter((drill) => drill.run !== run && drill.startedAt < startedAt)
    .toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
    .flatMap((drill) => outagesIn(drill, name))
}

function outagesIn({ run, startedAt, scenarios }: DrillReport, name: ScenarioName): PastOutage[] {
  return scenarios.flatMap((scenario) =>
    scenario.name === name && scenario.verdict !== 'aborted' && scenario.outageMs !== null
      ? [{ run, startedAt, outageMs: scenario.outageMs, latenessMs: scenario.latenessMs }]
      : [],
  )
}
