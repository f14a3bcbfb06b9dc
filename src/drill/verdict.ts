import type { DrillVerdict, Holding, ScenarioReport } from './report.js'

/** What a scenario is judged by. */
export interface Evidence extends Pick<
  ScenarioReport,
  'expects' | 'hosts' | 'disturbedAt' | 'undoneAt' | 'outageMs' | 'holders'
> {
  readonly maxOutageMs: number
  /** Why it was undone before its time; null for one that was not. */
  readonly aborted: string | null
  /** What was not steady again; empty when all was. */
  readonly unsteady: readonly string[]
}

/** Pure: whether a scenario went as expected, and why not. No data never passes. */
export function verdictOf(evidence: Evidence): Pick<ScenarioReport, 'verdict' | 'reasons'> {
  const { aborted, unsteady, disturbedAt } = evidence
  const deviations = disturbedAt === null ? [] : [...deviationsOf(evidence), ...overBudget(evidence)]
  const found = [...(aborted === null ? [] : [aborted]), ...deviations, ...unsteady]
  const verdict = firstOf(aborted !== null, found.length > 0, evidence.outageMs === null)
  return verdict === 'inconclusive'
    ? {
        verdict,
        reasons: ['no request of a new connection was answered before it, so no outage was measured'],
      }
    : { verdict, reasons: [...new Set(found)] }
}

/** The verdict of a drill: that of its worst scenario. */
export function worstOf(verdicts: readonly DrillVerdict[]): DrillVerdict {
  const order: readonly DrillVerdict[] = ['aborted', 'deviated', 'inconclusive']
  return (
    order.find((verdict) => verdicts.includes(verdict)) ?? (verdicts.length > 0 ? 'pass' : 'inconclusive')
  )
}

function firstOf(isAborted: boolean, hasDeviated: boolean, isUnmeasured: boolean): DrillVerdict {
  if (isAborted) return 'aborted'
  if (hasDeviated) return 'deviated'
  return isUnmeasured ? 'inconclusive' : 'pass'
}

function overBudget({ outageMs, maxOutageMs }: Evidence): string[] {
  if (outageMs === null || outageMs <= maxOutageMs) return []
  return [`clients were without an answer for ${Math.round(outageMs)} ms, more than ${maxOutageMs} ms`]
}

function deviationsOf(evidence: Evidence): string[] {
  switch (evidence.expects) {
    case 'moves':
      return takersIn(evidence).length > 0 ? [] : ['no other gateway took the virtual IP']
    case 'stays':
      return takersIn(evidence).map((host) => `the virtual IP moved to ${host}, and was to stay`)
    case 'splits':
      return splitsIn(evidence).length > 0 ? [] : ['no two gateways had the virtual IP at the same time']
  }
}

/** Gateways that came to have the virtual IP while the fault lasted, each once. */
function takersIn(evidence: Evidence): string[] {
  const { from, to } = faultOf(evidence)
  const taken = evidence.holders.filter((holding) => holding.from >= from && holding.from <= to)
  return [...new Set(taken.map(({ host }) => host))]
}

/** Times in which two gateways had the virtual IP while the fault lasted. */
function splitsIn(evidence: Evidence): readonly { readonly from: number; readonly to: number }[] {
  const fault = faultOf(evidence)
  return splitsOf(evidence.holders).filter(({ from, to }) => from <= fault.to && to >= fault.from)
}

/** Times in which more than one gateway had the virtual IP; Infinity for the end of one that did not end. */
export function splitsOf(holders: readonly Holding[]): { readonly from: number; readonly to: number }[] {
  return holders.flatMap((one, index) =>
    holders.slice(index + 1).flatMap((other) => {
      const from = Math.max(one.from, other.from)
      const to = Math.min(one.to ?? Infinity, other.to ?? Infinity)
      return one.host !== other.host && from < to ? [{ from, to }] : []
    }),
  )
}

function faultOf({ disturbedAt, undoneAt }: Evidence): { readonly from: number; readonly to: number } {
  return { from: disturbedAt ?? Infinity, to: undoneAt ?? Infinity }
}
