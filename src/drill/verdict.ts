import { splitBrains, unsureMsOf, type Held } from './holdings.js'
import type { DrillVerdict, ScenarioReport } from './report.js'
import type { Span } from './sample.js'

/** What a scenario is judged by. */
export interface Evidence
  extends
    Held,
    Pick<ScenarioReport, 'expects' | 'hosts' | 'holderBefore' | 'disturbedAt' | 'undoneAt' | 'outageMs'> {
  readonly maxOutageMs: number
  /** The longest time in which new connections could not be looked at, in milliseconds. */
  readonly unseenMs: number
  /** Why it was undone before its time; null for one that was not. */
  readonly aborted: string | null
  /** What was not steady again; empty when all was. */
  readonly unsteady: readonly string[]
}

/** Pure: whether a scenario went as expected, and why not. No data never passes. */
export function verdictOf(evidence: Evidence): Pick<ScenarioReport, 'verdict' | 'reasons'> {
  const { aborted, unsteady, disturbedAt } = evidence
  // What was ended before its time need not have come to what was expected.
  const isWhole = disturbedAt !== null && aborted === null
  const deviations = isWhole ? [...deviationsOf(evidence), ...overBudget(evidence)] : []
  const found = [...(aborted === null ? [] : [aborted]), ...deviations, ...unsteady]
  const gaps = gapsIn(evidence)
  const verdict = firstOf(aborted !== null, found.length > 0, gaps.length > 0)
  return { verdict, reasons: verdict === 'inconclusive' ? gaps : [...new Set(found)] }
}

/** The verdict of a drill: that of its worst scenario. */
export function worstOf(verdicts: readonly DrillVerdict[]): DrillVerdict {
  const order: readonly DrillVerdict[] = ['aborted', 'deviated', 'inconclusive']
  return (
    order.find((verdict) => verdicts.includes(verdict)) ?? (verdicts.length > 0 ? 'pass' : 'inconclusive')
  )
}

function firstOf(isAborted: boolean, hasDeviated: boolean, isUnknown: boolean): DrillVerdict {
  if (isAborted) return 'aborted'
  if (hasDeviated) return 'deviated'
  return isUnknown ? 'inconclusive' : 'pass'
}

/** What is not known. */
function gapsIn({ disturbedAt, outageMs, unseenMs, maxOutageMs }: Evidence): string[] {
  if (disturbedAt === null) return ['nothing was disturbed']
  if (unseenMs > maxOutageMs)
    return [`this machine itself stood still for ${Math.round(unseenMs)} ms, longer than an outage may last`]
  if (outageMs !== null) return []
  return ['no request of a new connection was answered before it, so no outage was measured']
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

/** Other gateways that came to have the virtual IP while the fault lasted, each once. */
function takersIn(evidence: Evidence): string[] {
  const { from, to } = faultOf(evidence)
  const taken = evidence.holders.filter(
    (holding) => holding.host !== evidence.holderBefore && holding.from >= from && holding.from <= to,
  )
  return [...new Set(taken.map(({ host }) => host))]
}

/** Times in which two gateways had the virtual IP while the fault lasted. */
function splitsIn(evidence: Evidence): readonly Span[] {
  const fault = faultOf(evidence)
  return splitBrains(evidence).filter(({ from, to }) => from <= fault.to && to >= fault.from)
}

/** A takeover takes a millisecond, and by clocks that differ it may seem to come before the fault. */
function faultOf({ disturbedAt, undoneAt, clocks }: Evidence): Span {
  return { from: (disturbedAt ?? Infinity) - unsureMsOf(clocks), to: undoneAt ?? Infinity }
}
